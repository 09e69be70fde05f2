/**
 * The results of a run as values: checks, the verdict, the report, and the folder that the run writes to. The evidence is
 * written from these values alone. Nothing here connects, runs a program, compares or renders.
 */
@NullMarked
package io.github.pgbackup.evidence;

import org.jspecify.annotations.NullMarked;
