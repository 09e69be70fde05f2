/**
 * The checks of a restored database: the expectations, the comparison with the baseline, and the comparison with
 * earlier runs. Checks are returned as values. Nothing here restores or queries production.
 */
@NullMarked
package io.github.pgbackup.check;

import org.jspecify.annotations.NullMarked;
