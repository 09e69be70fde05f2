/**
 * Backups: where a backup comes from, and what is known about it before the restore. Each package below handles one kind
 * of backup and does not know the others. Nothing here restores or writes to the user's archives.
 */
@NullMarked
package io.github.pgbackup.backup;

import org.jspecify.annotations.NullMarked;
