/**
 * The database that is backed up, reached by URL or by container: its identity, its snapshot session, the watcher
 * and the probe that prove it was left alone. Everything here is read-only. Nothing in this package may write to
 * the source, hold it up, or know the target that is restored to.
 */
@NullMarked
package io.github.pgbackup.source;

import org.jspecify.annotations.NullMarked;
