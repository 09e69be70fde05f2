/**
 * Production as a run works with it: who answers there, one snapshot, what it says under that snapshot, and whether it
 * was left alone. Everything is read-only. Nothing here knows how a backup is taken, or the server that it is restored
 * into.
 */
@NullMarked
package io.github.pgbackup.production;

import org.jspecify.annotations.NullMarked;
