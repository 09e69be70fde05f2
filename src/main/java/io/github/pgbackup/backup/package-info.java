/**
 * Backups: where one comes from, what is known of it before it is restored, and what it should hold. The packages below
 * know one kind each, and not each other. Nothing here restores, and nothing writes to an archive that is the user's.
 */
@NullMarked
package io.github.pgbackup.backup;

import org.jspecify.annotations.NullMarked;
