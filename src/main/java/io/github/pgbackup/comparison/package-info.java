/**
 * Compares source, archive and restored database, object by object and table by table, and finds the differences. Both
 * databases are queried in the same way. This package decides no verdict and renders no reports.
 */
@NullMarked
package io.github.pgbackup.comparison;

import org.jspecify.annotations.NullMarked;
