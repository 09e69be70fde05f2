/**
 * What migrations do to a restored database: an observer in another database of the same server, the statements that
 * pass through the relay, the state before and after, and the report. Nothing here decides a verdict or leaves anything
 * in the restored database.
 */
@NullMarked
package io.github.pgbackup.rehearsal;

import org.jspecify.annotations.NullMarked;
