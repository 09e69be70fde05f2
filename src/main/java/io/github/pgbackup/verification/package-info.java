/**
 * The run, told from top to bottom, and its results: check, verdict, report. Results are values, and nothing here
 * throws for a failed check; a check that could not run is never a passed one. Neither rendering of evidence nor
 * anything of Maven belongs here.
 */
@NullMarked
package io.github.pgbackup.verification;

import org.jspecify.annotations.NullMarked;
