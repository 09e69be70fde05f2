package io.github.pgbackup.mojo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgbackup.signature.Keys;
import io.github.pgbackup.signature.TrustedKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.inject.Inject;
import org.apache.maven.api.plugin.testing.MojoTest;
import org.apache.maven.settings.Server;
import org.apache.maven.settings.Settings;
import org.apache.maven.settings.crypto.SettingsDecrypter;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Keys in settings.xml, with Maven's own decrypter. */
@MojoTest
final class MavenSigningKeyTest {

    private static final String TAG = "<signature><serverId> (-Dpgbackup.signature.serverId)";
    private static final String KEY = "The <privateKey> of the <server> 'signing' in settings.xml, which"
            + " <signature><serverId> (-Dpgbackup.signature.serverId) names, ";
    private static final String ADD =
            " Add it to ~/.m2/settings.xml: a <server> with <id>, <privateKey> (the key as PEM, or its file) and, if the key"
                    + " is encrypted, <passphrase>. To make a key: openssl genpkey -algorithm ed25519. See docs/trust.md#signed-evidence.";

    @Inject
    private SettingsDecrypter decrypter;

    @TempDir
    private Path directory;

    private MavenSigningKey keys(@Nullable String privateKey, @Nullable String passphrase) {
        Server server = new Server();
        server.setId("signing");
        server.setPrivateKey(privateKey);
        server.setPassphrase(passphrase);
        Settings settings = new Settings();
        settings.addServer(server);
        return new MavenSigningKey(settings, decrypter);
    }

    @Test
    void a_key_is_given_as_text_or_as_a_file() throws IOException {
        String pem = Keys.privateKey("ed25519");
        TrustedKey publicKey = TrustedKey.parse(Keys.publicKey(pem));
        Path file = Files.writeString(directory.resolve("key.pem"), pem);

        assertThat(keys("\n    " + pem, null).of("signing").publicKey()).isEqualTo(publicKey);
        assertThat(keys(file.toString(), null).of("signing").publicKey()).isEqualTo(publicKey);
    }

    @Test
    void a_missing_server_or_a_server_without_a_key_is_reported() {
        assertThatThrownBy(() -> keys(null, null).of("other"))
                .hasMessage("There is no <server> 'other' in settings.xml, which " + TAG + " names." + ADD);
        for (String none : new String[] {null, " "}) {
            assertThatThrownBy(() -> keys(none, null).of("signing"))
                    .hasMessage("The <server> 'signing' in settings.xml, which " + TAG + " names, has no <privateKey>."
                            + ADD);
        }
    }

    @Test
    void an_invalid_key_is_reported_without_quoting_it() {
        String pem = Keys.privateKey("ed25519");
        String body = pem.lines().skip(1).findFirst().orElseThrow();

        assertThatThrownBy(() -> keys(body, null).of("signing"))
                .hasMessage(KEY + "is neither a key as PEM nor a file that can be read." + ADD)
                .hasNoCause();
        assertThatThrownBy(
                        () -> keys(pem.replace(body, body.substring(5)), null).of("signing"))
                .hasMessage(KEY + "is damaged: the PEM block does not contain a key." + ADD)
                .hasNoCause();
        assertThatThrownBy(() -> keys(Keys.privateKey("rsa"), null).of("signing"))
                .hasMessage(KEY + "is a key for RSA; expected an Ed25519 key." + ADD);
    }

    @Test
    void a_passphrase_that_maven_did_not_decrypt_is_reported() {
        assertThatThrownBy(() ->
                        keys(Keys.privateKey("ed25519"), "{COQLCE6DU6GtcS5P=}").of("signing"))
                .hasMessage("The <passphrase> of the <server> 'signing' in settings.xml, which <signature><serverId>"
                        + " (-Dpgbackup.signature.serverId) names, cannot be decrypted. Check ~/.m2/settings-security.xml,"
                        + " or encrypt it again: mvn --encrypt-password.");
    }
}
