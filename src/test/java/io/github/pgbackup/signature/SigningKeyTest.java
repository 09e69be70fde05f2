package io.github.pgbackup.signature;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Keys as openssl writes them. */
final class SigningKeyTest {

    private static final String PASSPHRASE = "correct horse {battery} 1~";

    @Test
    void a_plain_key_has_the_public_key_that_openssl_says() {
        String pem = Keys.privateKey("ed25519");

        SigningKey key = SigningKey.parse(pem, null);

        assertThat(key.publicKey()).isEqualTo(TrustedKey.parse(Keys.publicKey(pem)));
        assertThat(key.publicKey().id()).matches("[0-9a-f]{64}").isEqualTo(key.toString());
    }

    @Test
    void the_id_of_a_key_is_what_the_documented_command_prints() {
        String publicKey = Keys.publicKey(Keys.privateKey("ed25519"));

        String printed = Keys.run(publicKey, List.of("sh", "-c", "openssl pkey -pubin -outform DER | sha256sum"));

        assertThat(printed).startsWith(TrustedKey.parse(publicKey).id() + " ");
    }

    @Test
    void lines_that_became_blanks_on_the_way_through_a_variable_do_not_matter() {
        String pem = Keys.privateKey("ed25519");

        assertThat(SigningKey.parse("  " + pem.replace("\n", " ") + "\n", null).publicKey())
                .isEqualTo(SigningKey.parse(pem, "not needed").publicKey());
    }

    @ParameterizedTest
    @ValueSource(strings = {"-aes-256-cbc", "-aes-128-cbc"})
    void an_encrypted_key_is_opened_by_its_passphrase(String cipher) {
        String pem = Keys.encrypted(cipher, PASSPHRASE);
        assertThat(pem).startsWith("-----BEGIN ENCRYPTED PRIVATE KEY-----");

        SigningKey key = SigningKey.parse(pem, PASSPHRASE);

        byte[] signature = key.sign(new byte[] {1, 2, 3});
        assertThat(key.publicKey().verifies(new byte[] {1, 2, 3}, signature)).isTrue();
        assertThat(key.publicKey().verifies(new byte[] {1, 2, 4}, signature)).isFalse();
        assertThat(key.publicKey().verifies(new byte[] {1, 2, 3}, Arrays.copyOf(signature, 65)))
                .isFalse();
    }

    @Test
    void an_encrypted_key_is_not_opened_by_another_passphrase() {
        String pem = Keys.encrypted("-aes-256-cbc", PASSPHRASE);

        assertRefused(
                pem,
                "another",
                "cannot be decrypted: the <passphrase> is wrong, or the encryption is not openssl's default");
        assertRefused(pem, null, "is encrypted, but there is no <passphrase> next to it");
        assertRefused(
                pem,
                "größe",
                "is encrypted with a <passphrase> that contains non-ASCII characters, which Java does not support");
        assertRefused(pem, "", "is encrypted, but there is no <passphrase> next to it");
    }

    @ParameterizedTest
    @CsvSource({"rsa, RSA", "ed448, Ed448", "x25519, XDH"})
    void a_key_of_another_kind_is_named(String algorithm, String called) {
        String pem = Keys.privateKey(algorithm);

        assertRefused(pem, null, "is a key for " + called + "; expected an Ed25519 key");
        assertThatThrownBy(() -> TrustedKey.parse(Keys.publicKey(pem)))
                .hasMessage("is a key for " + called + "; expected an Ed25519 key");
    }

    @Test
    void a_key_of_an_elliptic_curve_is_named() {
        assertRefused(
                Keys.privateKey("EC", "-pkeyopt", "ec_paramgen_curve:P-256"),
                null,
                "is a key for EC; expected an Ed25519 key");
    }

    @Test
    void a_text_that_is_not_a_private_key_is_described() {
        String pem = Keys.privateKey("ed25519");

        assertRefused("secret", null, "is not a single PEM block from -----BEGIN … to -----END …");
        assertRefused(pem + pem, null, "is not a single PEM block from -----BEGIN … to -----END …");
        assertRefused(
                pem.replace("END PRIVATE", "END PUBLIC"),
                null,
                "is not a single PEM block from -----BEGIN … to -----END …");
        assertRefused(
                Keys.publicKey(pem),
                null,
                "has the PEM label PUBLIC KEY; expected PRIVATE KEY or ENCRYPTED PRIVATE KEY (PKCS#8), as written by openssl genpkey -algorithm ed25519");
        assertRefused(
                pem.replace("PRIVATE KEY", "OPENSSH PRIVATE KEY"),
                null,
                "has the PEM label OPENSSH PRIVATE KEY; expected PRIVATE KEY or ENCRYPTED PRIVATE KEY (PKCS#8), as written by openssl genpkey -algorithm ed25519");
        assertRefused(pem.replaceFirst("\nMC4C", "\nMC4"), null, "is damaged: the PEM block does not contain a key");
        assertRefused(pem.replaceFirst("\nMC4C", "\nAAAA"), null, "is damaged: the PEM block does not contain a key");
    }

    @Test
    void neither_a_private_key_nor_a_certificate_is_accepted_as_a_trusted_key() {
        String pem = Keys.privateKey("ed25519");

        assertThatThrownBy(() -> TrustedKey.parse(pem))
                .hasMessage("is a private key, which must stay secret; generate a new key pair and use its public key");
        assertThatThrownBy(() -> TrustedKey.parse(pem.replace("PRIVATE KEY", "CERTIFICATE")))
                .hasMessage("has the PEM label CERTIFICATE; expected PUBLIC KEY, as written by openssl pkey -pubout");
    }

    /** The key must appear neither in the exception nor in a cause. */
    private static void assertRefused(String pem, @Nullable String passphrase, String message) {
        assertThatThrownBy(() -> SigningKey.parse(pem, passphrase))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message)
                .hasNoCause();
    }
}
