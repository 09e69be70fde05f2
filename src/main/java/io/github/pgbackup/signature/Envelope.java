package io.github.pgbackup.signature;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonParseException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A payload with its signatures, by DSSE 1.0 (https://github.com/secure-systems-lab/dsse): one line of JSON.
 *
 * <p>A text is read only if it is, byte for byte, what {@link #toString()} writes for what it says. So whatever was altered
 * in it is noticed, the parts too that no signature covers: the id of the key, white space, members that nobody knows.
 *
 * @param payloadType what the payload is, a media type
 */
public record Envelope(String payloadType, String payload, List<Signed> signatures) {

    private static final Gson GSON = new GsonBuilder().disableHtmlEscaping().create();

    public Envelope {
        signatures = List.copyOf(signatures);
    }

    /**
     * A signature as the envelope has it.
     *
     * @param keyid of the key that made it, which nobody vouches for
     * @param sig in Base64
     */
    public record Signed(String keyid, String sig) {}

    /** As it is written, in this order. */
    private record Written(
            @Nullable String payload,
            @Nullable String payloadType,
            @Nullable List<Signed> signatures) {}

    /** Signs a text. */
    public static Envelope sign(String payloadType, String payload, SigningKey key) {
        byte[] signature = key.sign(preAuthenticationEncoding(payloadType, bytes(payload)));
        return new Envelope(
                payloadType, payload, List.of(new Signed(key.publicKey().id(), base64(signature))));
    }

    /**
     * Reads an envelope.
     *
     * @throws IllegalArgumentException when the text is not exactly what this class writes
     */
    public static Envelope parse(String text) {
        try {
            Written written = GSON.fromJson(text, Written.class);
            if (written == null
                    || written.payload() == null
                    || written.payloadType() == null
                    || written.signatures() == null
                    || written.signatures().stream().anyMatch(each -> each == null || each.sig() == null)) {
                throw new IllegalArgumentException("it is not an envelope of DSSE");
            }
            Envelope envelope = new Envelope(
                    written.payloadType(),
                    new String(Base64.getDecoder().decode(written.payload()), StandardCharsets.UTF_8),
                    written.signatures());
            if (!envelope.toString().equals(text)) {
                throw new IllegalArgumentException("it is not as it was written");
            }
            return envelope;
        } catch (JsonParseException e) {
            throw new IllegalArgumentException("it is not JSON", e);
        }
    }

    /** The first of the keys that a signature is of. */
    public Optional<TrustedKey> signedBy(List<TrustedKey> keys) {
        byte[] signed = preAuthenticationEncoding(payloadType, bytes(payload));
        return keys.stream()
                .filter(key -> signatures.stream()
                        .anyMatch(each -> key.id().equals(each.keyid())
                                && decoded(each.sig())
                                        .filter(signature -> key.verifies(signed, signature))
                                        .isPresent()))
                .findFirst();
    }

    /** What is signed, DSSE's PAE: {@code DSSEv1}, and type and payload with their lengths in bytes before them. */
    static byte[] preAuthenticationEncoding(String payloadType, byte[] payload) {
        byte[] head = bytes("DSSEv1 " + bytes(payloadType).length + " " + payloadType + " " + payload.length + " ");
        byte[] encoding = new byte[head.length + payload.length];
        System.arraycopy(head, 0, encoding, 0, head.length);
        System.arraycopy(payload, 0, encoding, head.length, payload.length);
        return encoding;
    }

    private static Optional<byte[]> decoded(String base64) {
        try {
            byte[] bytes = Base64.getDecoder().decode(base64);
            // Base64 has several texts for some bytes.
            return base64(bytes).equals(base64) ? Optional.of(bytes) : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** The line, as it is written to a file. */
    @Override
    public String toString() {
        return GSON.toJson(new Written(base64(bytes(payload)), Objects.requireNonNull(payloadType), signatures)) + "\n";
    }
}
