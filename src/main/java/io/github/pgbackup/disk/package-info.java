/**
 * Checks whether the disks have room for an archive and a restored database, before and during the run. Nothing here
 * knows where a backup comes from.
 */
@NullMarked
package io.github.pgbackup.disk;

import org.jspecify.annotations.NullMarked;
