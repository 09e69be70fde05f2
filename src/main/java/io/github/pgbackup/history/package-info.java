/**
 * A file of earlier runs, one per line. Several builds append to it concurrently. A line contains no values of rows.
 * Nothing is judged here.
 */
@NullMarked
package io.github.pgbackup.history;

import org.jspecify.annotations.NullMarked;
