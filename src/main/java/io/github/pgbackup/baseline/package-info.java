/**
 * What a backup should contain according to other sources than itself, and the differences of a restored database from
 * that: as checks, with the errors of a restore graded by their effect. Nothing here connects to production or restores
 * anything.
 */
@NullMarked
package io.github.pgbackup.baseline;

import org.jspecify.annotations.NullMarked;
