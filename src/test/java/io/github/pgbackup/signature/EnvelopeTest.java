package io.github.pgbackup.signature;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sigstore.bundle.Bundle;
import io.github.pgbackup.test.Sigstore;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class EnvelopeTest {

    private static final String TYPE = "application/vnd.in-toto+json";
    private static final String PAYLOAD = "{\"result\":\"PASSED\",\"name\":\"tac_größe\"}";

    private final String pem = Keys.privateKey("ed25519");
    private final SigningKey key = SigningKey.parse(pem, null);
    private final String text = Envelope.sign(TYPE, PAYLOAD, key).toString();

    /** The example of DSSE's specification. */
    @Test
    void the_signed_bytes_are_those_of_the_specification() {
        assertThat(Envelope.preAuthenticationEncoding(
                        "http://example.com/HelloWorld", "hello world".getBytes(StandardCharsets.UTF_8)))
                .asString(StandardCharsets.UTF_8)
                .isEqualTo("DSSEv1 29 http://example.com/HelloWorld 11 hello world");
        assertThat(Envelope.preAuthenticationEncoding("größe", "größe".getBytes(StandardCharsets.UTF_8)))
                .asString(StandardCharsets.UTF_8)
                .isEqualTo("DSSEv1 7 größe 7 größe");
    }

    @Test
    void an_envelope_is_read_as_it_was_written() {
        Envelope read = Envelope.parse(text);

        assertThat(read.payload()).isEqualTo(PAYLOAD);
        assertThat(read.signedBy(List.of(key.publicKey()))).contains(key.publicKey());
    }

    /** For a rotation: the old key and the new one. */
    @Test
    void one_of_several_keys_is_enough_and_none_is_not() {
        Envelope read = Envelope.parse(text);
        TrustedKey other = Keys.signing().publicKey();

        assertThat(read.signedBy(List.of(other, key.publicKey()))).contains(key.publicKey());
        assertThat(read.signedBy(List.of(other))).isEmpty();
        assertThat(read.signedBy(List.of())).isEmpty();
    }

    /**
     * With independent code: Sigstore reads the envelope and returns the signed bytes, and openssl checks the
     * signature. Only ASCII, because sigstore-java 2.0.0 counts characters where the specification counts bytes.
     */
    @Test
    void sigstore_and_openssl_verify_the_signature_and_reject_another_payload(@TempDir Path directory)
            throws Exception {
        String payload = "{\"result\":\"PASSED\"}";
        Bundle.DsseEnvelope envelope =
                Sigstore.envelope(Envelope.sign(TYPE, payload, key).toString());
        Files.writeString(directory.resolve("key"), Keys.publicKey(pem));
        Files.write(directory.resolve("sig"), envelope.getSignature());
        Files.write(directory.resolve("good"), envelope.getPAE());
        Files.write(
                directory.resolve("bad"),
                Sigstore.envelope(Envelope.sign(TYPE, PAYLOAD + " ", Keys.signing())
                                .toString())
                        .getPAE());

        assertThat(envelope.getPayloadAsString()).isEqualTo(payload);
        assertThat(verify(directory, "good")).isZero();
        assertThat(verify(directory, "bad")).isNotZero();
    }

    private static int verify(Path directory, String signed) throws Exception {
        return new ProcessBuilder(
                        "openssl",
                        "pkeyutl",
                        "-verify",
                        "-pubin",
                        "-inkey",
                        "key",
                        "-rawin",
                        "-sigfile",
                        "sig",
                        "-in",
                        signed)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
    }

    /** Any byte: payload, type, id, signature, names and punctuation. */
    @Test
    void no_byte_can_be_altered_unnoticed() {
        List<TrustedKey> keys = List.of(key.publicKey());
        for (int at = 0; at < text.length(); at++) {
            for (String by : List.of("A", "B", "z", "0", "=", " ", "\"", "}", "")) {
                String altered = text.substring(0, at) + by + text.substring(at + 1);
                assertThat(altered.equals(text) || !isSigned(altered, keys))
                        .as("byte %s of %s replaced by '%s': %s", at, text, by, altered)
                        .isTrue();
            }
        }
    }

    @Test
    void nothing_can_be_added_unnoticed() {
        List<TrustedKey> keys = List.of(key.publicKey());
        for (int at = 0; at <= text.length(); at++) {
            for (String added : List.of(" ", "\n", "A", "\"x\":1,", "{}")) {
                assertThat(isSigned(text.substring(0, at) + added + text.substring(at), keys))
                        .as("'%s' added at byte %s", added, at)
                        .isFalse();
            }
        }
    }

    @Test
    void the_id_of_a_trusted_key_does_not_make_the_signature_of_another_key_trusted() {
        SigningKey other = Keys.signing();
        String signedByOther = Envelope.sign(TYPE, PAYLOAD, other).toString();
        String renamed =
                signedByOther.replace(other.publicKey().id(), key.publicKey().id());

        assertThat(isSigned(renamed, List.of(key.publicKey()))).isFalse();
    }

    @Test
    void a_signature_does_not_fit_another_payload_or_type() {
        String other =
                Envelope.sign(TYPE, PAYLOAD.replace("PASSED", "FAILED"), key).toString();
        String sig = "\"signatures\"";
        String mixed = text.substring(0, text.indexOf(sig)) + other.substring(other.indexOf(sig));

        assertThat(isSigned(mixed, List.of(key.publicKey()))).isFalse();
        assertThat(isSigned(text.replace("in-toto+json", "in-toto+yaml"), List.of(key.publicKey())))
                .isFalse();
    }

    @Test
    void a_text_that_is_not_an_envelope_is_reported() {
        assertThatThrownBy(() -> Envelope.parse("")).hasMessage("it is not a DSSE envelope");
        assertThatThrownBy(() -> Envelope.parse("{}")).hasMessage("it is not a DSSE envelope");
        assertThatThrownBy(() -> Envelope.parse("{\"payload\":\"\",\"payloadType\":\"\",\"signatures\":[null]}"))
                .hasMessage("it is not a DSSE envelope");
        assertThatThrownBy(() -> Envelope.parse("[")).hasMessage("it is not JSON");
        assertThatThrownBy(() -> Envelope.parse(text.stripTrailing()))
                .hasMessage("it was changed after it was written");
        assertThat(Envelope.parse("{\"payload\":\"\",\"payloadType\":\"\",\"signatures\":[]}\n")
                        .signedBy(List.of(key.publicKey())))
                .isEmpty();
    }

    private static boolean isSigned(String envelope, List<TrustedKey> keys) {
        try {
            return Envelope.parse(envelope).signedBy(keys).isPresent();
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
