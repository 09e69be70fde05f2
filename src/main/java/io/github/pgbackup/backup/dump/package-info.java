/**
 * Dumps that the run takes, by pg_dump or by the user's own program. Nothing here restores a dump.
 */
@NullMarked
package io.github.pgbackup.backup.dump;

import org.jspecify.annotations.NullMarked;
