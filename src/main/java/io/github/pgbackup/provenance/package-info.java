/**
 * Where a run comes from: who started it, from which commit, and which files it is bound to. It reads files, variables of
 * the environment and what {@code git} says, and judges nothing.
 */
@NullMarked
package io.github.pgbackup.provenance;

import org.jspecify.annotations.NullMarked;
