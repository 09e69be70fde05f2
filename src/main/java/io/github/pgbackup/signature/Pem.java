package io.github.pgbackup.signature;

import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyFactory;
import java.security.interfaces.EdECKey;
import java.security.spec.KeySpec;
import java.security.spec.NamedParameterSpec;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A PEM block (RFC 7468). White space in it is ignored, because line breaks may get lost in a variable of a CI
 * server.
 */
final class Pem {

    static final String PRIVATE_KEY = "PRIVATE KEY";
    static final String ENCRYPTED_PRIVATE_KEY = "ENCRYPTED PRIVATE KEY";
    static final String PUBLIC_KEY = "PUBLIC KEY";

    private static final Pattern BLOCK =
            Pattern.compile("\\s*-----BEGIN ([A-Z0-9 ]+)-----([A-Za-z0-9+/=\\s]*)-----END \\1-----\\s*");

    private static final List<String> OTHER_ALGORITHMS = List.of("RSA", "EC", "XDH", "DSA");

    private final String label;
    private final byte[] der;

    private Pem(String label, byte[] der) {
        this.label = label;
        this.der = der;
    }

    /** The label of the block, such as {@code PRIVATE KEY}. */
    String label() {
        return label;
    }

    /** The decoded contents between its first and its last line. */
    byte[] der() {
        return der;
    }

    /** Creates a key with one of the JDK's factories. */
    interface Maker<K extends Key> {
        K make(KeyFactory factory, KeySpec spec) throws GeneralSecurityException;
    }

    /**
     * Parses a text that consists of a single block.
     *
     * @throws IllegalArgumentException when it does not; the message completes a sentence about it
     */
    static Pem parse(String text) {
        Matcher block = BLOCK.matcher(text);
        if (!block.matches()) {
            throw new IllegalArgumentException("is not a single PEM block from -----BEGIN … to -----END …");
        }
        try {
            return new Pem(
                    block.group(1), Base64.getDecoder().decode(block.group(2).replaceAll("\\s", "")));
        } catch (IllegalArgumentException e) {
            throw damaged();
        }
    }

    /** Omits the cause, whose message could quote the key. */
    private static IllegalArgumentException damaged() {
        return new IllegalArgumentException("is damaged: the PEM block does not contain a key");
    }

    /** Decodes an Ed25519 key; the error for another key names its algorithm. */
    static <K extends Key> K ed25519(KeySpec spec, Maker<K> maker) {
        Optional<K> key = make("EdDSA", spec, maker);
        if (key.isPresent() && key.get() instanceof EdECKey edwards) {
            if (edwards.getParams().getName().equals(NamedParameterSpec.ED25519.getName())) {
                return key.get();
            }
            throw otherKind(edwards.getParams().getName());
        }
        for (String algorithm : OTHER_ALGORITHMS) {
            if (make(algorithm, spec, maker).isPresent()) {
                throw otherKind(algorithm);
            }
        }
        throw damaged();
    }

    private static IllegalArgumentException otherKind(String algorithm) {
        return new IllegalArgumentException("is a key for " + algorithm + "; expected an Ed25519 key");
    }

    private static <K extends Key> Optional<K> make(String algorithm, KeySpec spec, Maker<K> maker) {
        try {
            return Optional.of(maker.make(KeyFactory.getInstance(algorithm), spec));
        } catch (GeneralSecurityException e) {
            return Optional.empty();
        }
    }
}
