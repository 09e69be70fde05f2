/**
 * The database to back up, reached by URL or in a container: its identity, its snapshot session, and the watcher and
 * the probe that prove it was left alone. Everything here is read-only. Nothing in this package may write to the
 * source, block other sessions, or know about the restored database.
 */
@NullMarked
package io.github.pgbackup.source;

import org.jspecify.annotations.NullMarked;
