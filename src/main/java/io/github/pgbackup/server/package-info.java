/**
 * The throw-away server that a backup is restored into, and the restore. Nothing here knows where the backup comes
 * from, makes a comparison, or decides a verdict.
 */
@NullMarked
package io.github.pgbackup.server;

import org.jspecify.annotations.NullMarked;
