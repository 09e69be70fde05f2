/**
 * A file of earlier runs: one line a run, only ever appended to, by several builds at once. A line has no value of any row.
 * Nothing is judged here.
 */
@NullMarked
package io.github.pgbackup.history;

import org.jspecify.annotations.NullMarked;
