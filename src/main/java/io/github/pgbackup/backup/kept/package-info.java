/**
 * Directories in which backups are kept after a run. A file gets its final name when it is complete, and no file is
 * ever overwritten. Nothing here takes or judges a backup.
 */
@NullMarked
package io.github.pgbackup.backup.kept;

import org.jspecify.annotations.NullMarked;
