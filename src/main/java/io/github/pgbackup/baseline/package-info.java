/**
 * What a backup should contain, according to sources other than the backup itself. The differences of a restored
 * database from that become checks, and the errors of a restore are graded by their effect. Nothing here connects to
 * production or restores anything.
 */
@NullMarked
package io.github.pgbackup.baseline;

import org.jspecify.annotations.NullMarked;
