/**
 * What all steps of a run share: stages and their durations, work in the background, progress, the reasons to end a run
 * early, and the meaning of an exception for the user. Nothing here knows the steps themselves, or what is backed up.
 */
@NullMarked
package io.github.pgbackup.stage;

import org.jspecify.annotations.NullMarked;
