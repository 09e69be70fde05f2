/**
 * Signs bytes and finds out who signed them: Ed25519 keys in PEM, and DSSE envelopes. It knows nothing about backups,
 * Maven or the origin of a key. No message contains any part of a private key.
 */
@NullMarked
package io.github.pgbackup.signature;

import org.jspecify.annotations.NullMarked;
