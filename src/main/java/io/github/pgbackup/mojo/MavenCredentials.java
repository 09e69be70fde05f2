package io.github.pgbackup.mojo;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.plan.DatabaseAddress;
import io.github.pgbackup.source.Credentials;
import java.util.Map;
import org.apache.maven.settings.Server;
import org.apache.maven.settings.Settings;
import org.apache.maven.settings.building.SettingsProblem;
import org.apache.maven.settings.crypto.DefaultSettingsDecryptionRequest;
import org.apache.maven.settings.crypto.SettingsDecrypter;
import org.apache.maven.settings.crypto.SettingsDecryptionResult;

/** Credentials from settings.xml, decrypted, or from the environment. */
record MavenCredentials(Settings settings, SettingsDecrypter decrypter, Map<String, String> environment) {

    /**
     * The credentials for an address.
     *
     * @throws CannotVerifyException if settings.xml does not have its server, or the password cannot be decrypted
     */
    Credentials of(DatabaseAddress address) {
        String id = address.serverId();
        if (id == null) {
            return Credentials.ofEnvironment(environment);
        }
        String tag = address.url().element().child("serverId");
        Server server = settings.getServer(id);
        if (server == null) {
            throw new CannotVerifyException(
                    tag + " is '" + id + "', but settings.xml has no <server> with that <id>.",
                    MavenRemedy.ADD_THE_SERVER_TO_SETTINGS);
        }
        SettingsDecryptionResult result = decrypter.decrypt(new DefaultSettingsDecryptionRequest(server));
        boolean failed = result.getProblems().stream()
                .anyMatch(problem -> problem.getSeverity() != SettingsProblem.Severity.WARNING);
        String password = result.getServer() == null ? null : result.getServer().getPassword();
        if (failed || password != null && password.startsWith("{") && password.endsWith("}")) {
            throw new CannotVerifyException(
                    "The password of the <server> '" + id + "' in settings.xml, which " + tag
                            + " names, cannot be decrypted.",
                    MavenRemedy.ENCRYPT_THE_PASSWORD_AGAIN);
        }
        return new Credentials(server.getUsername(), password);
    }
}
