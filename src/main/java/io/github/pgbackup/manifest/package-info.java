/**
 * The manifest of an archive: the contents of the source under the snapshot of the dump. With it, a restore of the
 * archive can be compared later, elsewhere and without the source. This package writes and reads manifests. It compares
 * nothing, queries no server and does not know how a backup is taken.
 */
@NullMarked
package io.github.pgbackup.manifest;

import org.jspecify.annotations.NullMarked;
