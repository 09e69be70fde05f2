/**
 * What every other package may use: the console, the exception that says why nothing was verified, and remedies.
 * Nothing here knows PostgreSQL or Maven.
 */
@NullMarked
package io.github.pgbackup;

import org.jspecify.annotations.NullMarked;
