package io.github.pgbackup.signature;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Keys made with {@code openssl}, as users do. */
public final class Keys {

    private Keys() {}

    /** A new private key, as PEM. */
    public static String privateKey(String algorithm, String... options) {
        List<String> command = new ArrayList<>(List.of("openssl", "genpkey", "-algorithm", algorithm));
        command.addAll(List.of(options));
        return run("", command);
    }

    /** A new private key for Ed25519, encrypted. */
    public static String encrypted(String cipher, String passphrase) {
        return run(passphrase + "\n", List.of("openssl", "genpkey", "-algorithm", "ed25519", cipher, "-pass", "stdin"));
    }

    /** A new key for Ed25519. */
    public static SigningKey signing() {
        return SigningKey.parse(privateKey("ed25519"), null);
    }

    /** The public key of a private one, as PEM. */
    public static String publicKey(String privateKey) {
        return run(privateKey, List.of("openssl", "pkey", "-pubout"));
    }

    /** The public key of an encrypted private one, as PEM. */
    public static String publicKey(String privateKey, String passphrase) {
        return run(privateKey, List.of("openssl", "pkey", "-pubout", "-passin", "pass:" + passphrase));
    }

    static String run(String input, List<String> command) {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            try (var in = process.getOutputStream()) {
                in.write(input.getBytes(StandardCharsets.UTF_8));
            }
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new AssertionError(command + " failed: " + output);
            }
            return output;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
