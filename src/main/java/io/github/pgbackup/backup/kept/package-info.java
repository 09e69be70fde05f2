/**
 * Directories in which backups are kept after a run. A file gets its name when it is complete, and nothing is ever
 * overwritten. Nothing here takes a backup or judges one.
 */
@NullMarked
package io.github.pgbackup.backup.kept;

import org.jspecify.annotations.NullMarked;
