/**
 * Signs bytes and finds out who signed them: Ed25519 keys in PEM, and DSSE envelopes. It knows nothing about backups, about
 * Maven or about where a key comes from, and no message contains any part of a private key.
 */
@NullMarked
package io.github.pgbackup.signature;

import org.jspecify.annotations.NullMarked;
