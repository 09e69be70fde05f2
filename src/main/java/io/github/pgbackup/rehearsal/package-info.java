/**
 * What migrations do to a restored database: an observer in another database of the same server, the statements as they pass
 * by, the state before and after, and the report made of them. Nothing here decides a verdict, and nothing is left in the
 * restored database.
 */
@NullMarked
package io.github.pgbackup.rehearsal;

import org.jspecify.annotations.NullMarked;
