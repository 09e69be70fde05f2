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
 * A payload with its signatures in the format DSSE 1.0 (https://github.com/secure-systems-lab/dsse): one line of JSON.
 *
 * <p>A text is accepted only if {@link #toString()} would write its contents with exactly the same bytes. So every
 * change is noticed, even in parts that no signature covers: the id of the key, white space, unknown members.
 *
 * @param payloadType the media type of the payload
 */
public record Envelope(String payloadType, String payload, List<Signed> signatures) {

    private static final Gson GSON = new GsonBuilder().disableHtmlEscaping().create();

    public Envelope {
        signatures = List.copyOf(signatures);
    }

    /**
     * A signature within an envelope.
     *
     * @param keyid the claimed id of its key, which is not authenticated
     * @param sig in Base64
     */
    public record Signed(String keyid, String sig) {}

    /** The written form, in this order. */
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
                throw new IllegalArgumentException("it is not a DSSE envelope");
            }
            Envelope envelope = new Envelope(
                    written.payloadType(),
                    new String(Base64.getDecoder().decode(written.payload()), StandardCharsets.UTF_8),
                    written.signatures());
            if (!envelope.toString().equals(text)) {
                throw new IllegalArgumentException("it was changed after it was written");
            }
            return envelope;
        } catch (JsonParseException e) {
            throw new IllegalArgumentException("it is not JSON", e);
        }
    }

    /** The first of the keys that made one of the signatures. */
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

    /**
     * The bytes to sign, DSSE's pre-authentication encoding: {@code DSSEv1}, then type and payload, each preceded by
     * its length in bytes.
     */
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
            // Some bytes have several Base64 texts.
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

    /** The line for a file. */
    @Override
    public String toString() {
        return GSON.toJson(new Written(base64(bytes(payload)), Objects.requireNonNull(payloadType), signatures)) + "\n";
    }
}
