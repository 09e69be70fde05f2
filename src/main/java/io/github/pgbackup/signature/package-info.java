/**
 * Signs bytes and says who signed them: Ed25519 keys as PEM, and envelopes by DSSE. It knows nothing of backups, of Maven
 * or of where a key comes from, and no message here holds any part of a private key.
 */
@NullMarked
package io.github.pgbackup.signature;

import org.jspecify.annotations.NullMarked;
