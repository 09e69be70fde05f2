/**
 * An archive that is there already: a file, several that belong together, or what a program writes. It is the user's;
 * nothing here writes to it, moves it or deletes it.
 */
@NullMarked
package io.github.pgbackup.backup.stored;

import org.jspecify.annotations.NullMarked;
