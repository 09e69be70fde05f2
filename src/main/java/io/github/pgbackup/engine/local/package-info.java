/**
 * Throw-away servers on this machine, behind a Unix socket and in their own network namespaces. Knows nothing about
 * containers.
 */
@NullMarked
package io.github.pgbackup.engine.local;

import org.jspecify.annotations.NullMarked;
