package io.github.pgbackup.test;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.sigstore.bundle.Bundle;
import dev.sigstore.bundle.ImmutableDsseEnvelope;
import dev.sigstore.bundle.ImmutableSignature;
import java.util.Base64;

/** DSSE as Sigstore's own library implements it (https://github.com/sigstore/sigstore-java). */
public final class Sigstore {

    private Sigstore() {}

    /** The envelope in a JSON text, with the names in the specification. */
    public static Bundle.DsseEnvelope envelope(String text) {
        JsonObject json = JsonParser.parseString(text).getAsJsonObject();
        ImmutableDsseEnvelope.Builder envelope = ImmutableDsseEnvelope.builder()
                .payload(Base64.getDecoder().decode(json.get("payload").getAsString()))
                .payloadType(json.get("payloadType").getAsString());
        json.getAsJsonArray("signatures")
                .forEach(each -> envelope.addSignatures(ImmutableSignature.builder()
                        .sig(Base64.getDecoder()
                                .decode(each.getAsJsonObject().get("sig").getAsString()))
                        .build()));
        return envelope.build();
    }
}
