/**
 * What every step of a run works with: stages and the time that they take, work in the background, progress, the
 * reasons to end a run early, and what an exception means for the user. Nothing here knows which steps there are, or
 * what is backed up.
 */
@NullMarked
package io.github.pgbackup.stage;

import org.jspecify.annotations.NullMarked;
