package io.github.pgbackup.handover;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * The server's side of SCRAM-SHA-256 (RFC 5802, RFC 7677) as PostgreSQL uses it (manual, "SASL Authentication"):
 * without channel binding, because the connection is not encrypted, and without the user name, because the startup
 * message contains it. Neither side sends the password.
 */
final class Scram {

    static final String MECHANISM = "SCRAM-SHA-256";

    /** PostgreSQL's default. The password is random, so more iterations would not protect it better. */
    private static final int ITERATIONS = 4096;

    private static final int SALT_BYTES = 16;
    private static final int NONCE_BYTES = 18;
    private static final int KEY_BITS = 256;

    private final SecureRandom random = new SecureRandom();
    private final String salt;
    private final byte[] storedKey;
    private final byte[] serverKey;

    /** Prepares to recognise a password of ASCII letters, digits, {@code -} and {@code _}. */
    Scram(String password) {
        byte[] bytes = new byte[SALT_BYTES];
        random.nextBytes(bytes);
        salt = Base64.getEncoder().encodeToString(bytes);
        try {
            byte[] salted = SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
                    .generateSecret(new PBEKeySpec(password.toCharArray(), bytes, ITERATIONS, KEY_BITS))
                    .getEncoded();
            storedKey = sha256(hmac(salted, "Client Key"));
            serverKey = hmac(salted, "Server Key");
        } catch (GeneralSecurityException e) {
            throw missing(e);
        }
    }

    /** The exchange with one client. */
    final class Exchange {

        private final String bindingHeader;
        private final String clientFirst;
        private final String nonce;

        /**
         * Reads the client's first message.
         *
         * @throws IllegalArgumentException if it is malformed
         */
        Exchange(String message) {
            int comma = message.indexOf(',');
            int bare = message.indexOf(',', comma + 1) + 1;
            if (!message.matches("[ny],[^,]*,.*") || !message.startsWith("n=", bare)) {
                throw new IllegalArgumentException("malformed SCRAM message");
            }
            bindingHeader = message.substring(0, bare);
            clientFirst = message.substring(bare);
            byte[] own = new byte[NONCE_BYTES];
            random.nextBytes(own);
            nonce = attribute(clientFirst, 'r') + Base64.getEncoder().encodeToString(own);
        }

        String serverFirst() {
            return "r=" + nonce + ",s=" + salt + ",i=" + ITERATIONS;
        }

        /**
         * The server's last message, which proves to the client that the server knows the password too; null if the
         * client does not know it.
         *
         * @throws IllegalArgumentException if the client's last message is malformed
         */
        @Nullable String serverFinal(String clientFinal) {
            int proofAt = clientFinal.lastIndexOf(",p=");
            if (proofAt < 0) {
                throw new IllegalArgumentException("malformed SCRAM message");
            }
            String withoutProof = clientFinal.substring(0, proofAt);
            byte[] proof = Base64.getDecoder().decode(clientFinal.substring(proofAt + ",p=".length()));
            String binding = Base64.getEncoder().encodeToString(bindingHeader.getBytes(StandardCharsets.UTF_8));
            String signed = clientFirst + "," + serverFirst() + "," + withoutProof;
            try {
                byte[] clientKey = hmac(storedKey, signed);
                if (proof.length != clientKey.length
                        || !attribute(withoutProof, 'c').equals(binding)
                        || !attribute(withoutProof, 'r').equals(nonce)) {
                    return null;
                }
                for (int i = 0; i < proof.length; i++) {
                    clientKey[i] ^= proof[i];
                }
                return MessageDigest.isEqual(sha256(clientKey), storedKey)
                        ? "v=" + Base64.getEncoder().encodeToString(hmac(serverKey, signed))
                        : null;
            } catch (GeneralSecurityException e) {
                throw missing(e);
            }
        }
    }

    private static String attribute(String message, char name) {
        for (String each : message.split(",", -1)) {
            if (each.startsWith(name + "=")) {
                return each.substring(2);
            }
        }
        throw new IllegalArgumentException("malformed SCRAM message");
    }

    private static byte[] hmac(byte[] key, String text) throws GeneralSecurityException {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
    }

    private static byte[] sha256(byte[] bytes) throws GeneralSecurityException {
        return MessageDigest.getInstance("SHA-256").digest(bytes);
    }

    /** Every Java platform has these algorithms, even a machine that restricts it to FIPS modules. */
    private static IllegalStateException missing(GeneralSecurityException e) {
        return new IllegalStateException("This JVM lacks HMAC-SHA-256 or PBKDF2.", e);
    }
}
