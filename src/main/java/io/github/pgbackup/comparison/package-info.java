/**
 * The comparison of source, archive and restored database, object by object and table by table, and the differences
 * it finds. The figures of the tables are asked of either database in the same words. It decides no verdict and renders
 * nothing.
 */
@NullMarked
package io.github.pgbackup.comparison;

import org.jspecify.annotations.NullMarked;
