/**
 * A dump that the run takes: by pg_dump, or by a program of the user's. Nothing here restores it.
 */
@NullMarked
package io.github.pgbackup.backup.dump;

import org.jspecify.annotations.NullMarked;
