/**
 * What every other package may use: the console, the error that says why nothing was verified, and what to do about it. Nothing here
 * knows PostgreSQL or Maven.
 */
@NullMarked
package io.github.pgbackup;

import org.jspecify.annotations.NullMarked;
