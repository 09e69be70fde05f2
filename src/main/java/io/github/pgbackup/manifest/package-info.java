/**
 * The manifest of an archive: what the source held under the snapshot of the dump, so that a restore of the archive can be
 * compared with it later, elsewhere and without the source. It is written and read here; nothing here compares, asks a server
 * or knows how a backup is taken.
 */
@NullMarked
package io.github.pgbackup.manifest;

import org.jspecify.annotations.NullMarked;
