/**
 * The checks of a restored database: what it and the archive say of the expectations, the comparison with the baseline,
 * and with earlier runs. Checks are returned as values. Nothing here restores, and nothing here asks production.
 */
@NullMarked
package io.github.pgbackup.check;

import org.jspecify.annotations.NullMarked;
