package io.github.pgbackup.signature;

import io.github.pgbackup.Sha256;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** An Ed25519 public key to check signatures with. */
public final class TrustedKey {

    /** The length of a signature (RFC 8032). */
    private static final int BYTES = 64;

    /** A line before the block: PEM allows explanatory text there (RFC 7468, 2), and openssl ignores it. */
    private static final Pattern UNTIL = Pattern.compile("\\A\\s*Trusted-Until:\\s*(\\S+)\\s+(?=-----BEGIN )");

    private final PublicKey key;
    private final Optional<Instant> end;

    TrustedKey(PublicKey key) {
        this(key, Optional.empty());
    }

    private TrustedKey(PublicKey key, Optional<Instant> end) {
        this.key = key;
        this.end = end;
    }

    /**
     * Parses a key in the format of {@code openssl pkey -pubout}. A line {@code Trusted-Until: 2027-12-31} before it
     * says how long it is trusted: to the end of that day (UTC), or to an instant.
     *
     * @throws IllegalArgumentException when the text is not such a key; the message completes a sentence about it
     */
    public static TrustedKey parse(String text) {
        Matcher until = UNTIL.matcher(text);
        Optional<Instant> end = until.find() ? Optional.of(end(until.group(1))) : Optional.empty();
        Pem pem = Pem.parse(end.isPresent() ? text.substring(until.end()) : text);
        if (pem.label().endsWith(Pem.PRIVATE_KEY)) {
            throw new IllegalArgumentException(
                    "is a private key, which must stay secret; generate a new key pair and use its public key");
        }
        if (!pem.label().equals(Pem.PUBLIC_KEY)) {
            throw new IllegalArgumentException(
                    "has the PEM label " + pem.label() + "; expected PUBLIC KEY, as written by openssl pkey -pubout");
        }
        return new TrustedKey(Pem.ed25519(new X509EncodedKeySpec(pem.der()), KeyFactory::generatePublic), end);
    }

    private static Instant end(String text) {
        try {
            return text.contains("T")
                    ? Instant.parse(text)
                    : LocalDate.parse(text)
                            .plusDays(1)
                            .atStartOfDay(ZoneOffset.UTC)
                            .toInstant();
        } catch (DateTimeParseException e) {
            throw new IllegalArgumentException(
                    "is trusted until " + text + "; expected a date such as 2027-12-31, or an instant such as"
                            + " 2027-12-31T12:00:00Z",
                    e);
        }
    }

    /** The instant from which its signatures are no longer trusted; empty when there is no such instant. */
    public Optional<Instant> end() {
        return end;
    }

    /**
     * The SHA-256 of the key's DER encoding, in hexadecimal digits:
     * {@code openssl pkey -pubin -outform DER | sha256sum}.
     */
    public String id() {
        return HexFormat.of().formatHex(Sha256.digest().digest(key.getEncoded()));
    }

    /** Whether the owner of this key signed these bytes. */
    public boolean verifies(byte[] signed, byte[] signature) {
        if (signature.length != BYTES) {
            return false; // the JDK ignores bytes after a signature
        }
        try {
            Signature verifier = Signature.getInstance("Ed25519");
            verifier.initVerify(key);
            verifier.update(signed);
            return verifier.verify(signature);
        } catch (GeneralSecurityException e) {
            return false; // not a signature
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
