/**
 * Existing archives: a file, several files that belong together, or the output of a program. They belong to the user:
 * nothing here writes to them, moves them or deletes them.
 */
@NullMarked
package io.github.pgbackup.backup.stored;

import org.jspecify.annotations.NullMarked;
