/**
 * Whether the disks have room for an archive and a restored copy, before the run and while it lasts. Nothing here knows
 * where a backup comes from.
 */
@NullMarked
package io.github.pgbackup.disk;

import org.jspecify.annotations.NullMarked;
