/**
 * Production as a run uses it: its identity, one snapshot, the observations under that snapshot, and the proof that it
 * was left alone. Everything is read-only. Nothing here knows how a backup is taken, or the server that it is restored
 * into.
 */
@NullMarked
package io.github.pgbackup.production;

import org.jspecify.annotations.NullMarked;
