/**
 * What a backup should hold besides what it says of itself, and how a restored database differs from that: the
 * differences as checks, and the errors of a restore graded by their effect. Nothing here opens a connection to
 * production or restores anything.
 */
@NullMarked
package io.github.pgbackup.baseline;

import org.jspecify.annotations.NullMarked;
