/**
 * Restoring an archive with pg_restore, provisioning roles, and tying every error to its entry in the table of
 * contents. An error is graded by its effect, not by its wording alone. It restores only to a throw-away server,
 * and no code here may know the source.
 */
@NullMarked
package io.github.pgbackup.restore;

import org.jspecify.annotations.NullMarked;
