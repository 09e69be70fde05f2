/**
 * The kinds of expectation a user can declare; each turns itself into checks over the archive and over the
 * restored database. An expectation asks both methods and reports both figures. It neither opens connections nor
 * decides the verdict of the run.
 */
@NullMarked
package io.github.pgbackup.expectation;

import org.jspecify.annotations.NullMarked;
