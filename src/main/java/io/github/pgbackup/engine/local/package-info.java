/**
 * Throw-away servers on this machine, behind a Unix socket and in a network namespace of their own. No container is known here.
 */
@NullMarked
package io.github.pgbackup.engine.local;

import org.jspecify.annotations.NullMarked;
