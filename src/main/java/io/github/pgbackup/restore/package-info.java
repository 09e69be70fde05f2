/**
 * Restores an archive with pg_restore or psql, creates roles, and assigns every error to its entry in the table of
 * contents. An error is judged by its effect, not by its wording alone. This package only restores to a throw-away
 * server and knows nothing about the source.
 */
@NullMarked
package io.github.pgbackup.restore;

import org.jspecify.annotations.NullMarked;
