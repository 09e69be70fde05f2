/**
 * Hands a restored database over to the programs that use it: the relay, which is the only way to it; the file that
 * says how to connect; and the settings of a migration tool that would lead it elsewhere. Nothing here knows Maven or
 * the verification.
 */
@NullMarked
package io.github.pgbackup.handover;

import org.jspecify.annotations.NullMarked;
