package io.github.pgbackup.signature;

import io.github.pgbackup.Sha256;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.HexFormat;

/** An Ed25519 public key, by which a signature is checked. */
public final class TrustedKey {

    /** Of a signature, RFC 8032. */
    private static final int BYTES = 64;

    private final PublicKey key;

    TrustedKey(PublicKey key) {
        this.key = key;
    }

    /**
     * Reads a key as {@code openssl pkey -pubout} writes it.
     *
     * @throws IllegalArgumentException when the text is not such a key; the message ends a sentence about it
     */
    public static TrustedKey parse(String text) {
        Pem pem = Pem.parse(text);
        if (pem.label().endsWith(Pem.PRIVATE_KEY)) {
            throw new IllegalArgumentException(
                    "is a private key, which does not belong here; make a new pair, and name the public key of it");
        }
        if (!pem.label().equals(Pem.PUBLIC_KEY)) {
            throw new IllegalArgumentException(
                    "is a " + pem.label() + "; expected is a PUBLIC KEY, as openssl pkey -pubout writes it");
        }
        return new TrustedKey(Pem.ed25519(new X509EncodedKeySpec(pem.der()), KeyFactory::generatePublic));
    }

    /** The SHA-256 of the key's DER encoding, in hexadecimal digits: {@code openssl pkey -pubin -outform DER | sha256sum}. */
    public String id() {
        return HexFormat.of().formatHex(Sha256.digest().digest(key.getEncoded()));
    }

    /** Whether the owner of this key signed these bytes. */
    public boolean verifies(byte[] signed, byte[] signature) {
        if (signature.length != BYTES) {
            return false; // the JDK passes over what follows a signature
        }
        try {
            Signature verifier = Signature.getInstance("Ed25519");
            verifier.initVerify(key);
            verifier.update(signed);
            return verifier.verify(signature);
        } catch (GeneralSecurityException e) {
            return false; // no signature at all
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TrustedKey that && key.equals(that.key);
    }

    @Override
    public int hashCode() {
        return key.hashCode();
    }

    @Override
    public String toString() {
        return id();
    }
}
