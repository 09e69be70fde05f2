/**
 * Where a run comes from: who started it, from which commit, and which files it is bound to. It reads files,
 * environment variables and the output of {@code git}, and judges nothing.
 */
@NullMarked
package io.github.pgbackup.provenance;

import org.jspecify.annotations.NullMarked;
