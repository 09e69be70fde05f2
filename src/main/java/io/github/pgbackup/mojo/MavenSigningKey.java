package io.github.pgbackup.mojo;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.signature.SigningKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.apache.maven.settings.Server;
import org.apache.maven.settings.Settings;
import org.apache.maven.settings.building.SettingsProblem;
import org.apache.maven.settings.crypto.DefaultSettingsDecryptionRequest;
import org.apache.maven.settings.crypto.SettingsDecrypter;
import org.apache.maven.settings.crypto.SettingsDecryptionResult;
import org.jspecify.annotations.Nullable;

/** The signing key from a {@code <server>} of settings.xml: {@code <privateKey>} and {@code <passphrase>}. */
record MavenSigningKey(Settings settings, SettingsDecrypter decrypter) {

    private static final String TAG = "<signature><serverId> (-Dpgbackup.signature.serverId)";

    /**
     * The key of a server.
     *
     * @throws CannotVerifyException if there is no such server, or its key is not an Ed25519 key
     */
    SigningKey of(String id) {
        Server server = settings.getServer(id);
        if (server == null) {
            throw new CannotVerifyException(
                    "There is no <server> '" + id + "' in settings.xml, which " + TAG + " names.",
                    MavenRemedy.ADD_THE_KEY_TO_SETTINGS);
        }
        String key = server.getPrivateKey();
        if (key == null || key.isBlank()) {
            throw new CannotVerifyException(
                    "The <server> '" + id + "' in settings.xml, which " + TAG + " names, has no <privateKey>.",
                    MavenRemedy.ADD_THE_KEY_TO_SETTINGS);
        }
        String pem = pem(id, key.strip());
        try {
            return SigningKey.parse(pem, passphrase(id, server));
        } catch (IllegalArgumentException e) {
            throw new CannotVerifyException(
                    "The <privateKey> of the <server> '" + id + "' in settings.xml, which " + TAG + " names, "
                            + e.getMessage() + ".",
                    MavenRemedy.ADD_THE_KEY_TO_SETTINGS);
        }
    }

    /**
     * The key itself, or the content of the file that it names. Messages quote neither: it could be a key without its
     * first and last lines.
     */
    private static String pem(String id, String key) {
        if (key.contains("-----BEGIN")) {
            return key;
        }
        try {
            return Files.readString(Path.of(key));
        } catch (IOException | InvalidPathException e) {
            throw new CannotVerifyException(
                    "The <privateKey> of the <server> '" + id + "' in settings.xml, which " + TAG
                            + " names, is neither a key as PEM nor a file that can be read.",
                    MavenRemedy.ADD_THE_KEY_TO_SETTINGS);
        }
    }

    private @Nullable String passphrase(String id, Server server) {
        SettingsDecryptionResult result = decrypter.decrypt(new DefaultSettingsDecryptionRequest(server));
        boolean failed = result.getProblems().stream()
                .anyMatch(problem -> problem.getSeverity() != SettingsProblem.Severity.WARNING);
        String passphrase =
                result.getServer() == null ? null : result.getServer().getPassphrase();
        if (failed || passphrase != null && passphrase.startsWith("{") && passphrase.endsWith("}")) {
            throw new CannotVerifyException(
                    "The <passphrase> of the <server> '" + id + "' in settings.xml, which " + TAG
                            + " names, cannot be decrypted.",
                    MavenRemedy.ENCRYPT_THE_PASSWORD_AGAIN);
        }
        return passphrase;
    }
}
