package io.github.pgbackup.report;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import com.google.gson.JsonSerializer;
import io.github.pgbackup.expectation.Figure;
import io.github.pgbackup.verification.VerificationReport;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;

/**
 * {@code verification.json}: the report for machines, as {@code verification.schema.json} beside this class describes
 * it. Instants and durations are ISO-8601.
 */
final class VerificationJson {

    /** The version of the schema: its first part changes when a reader of the one before could go wrong. */
    static final String SCHEMA_VERSION = "1.1";

    private static final Gson GSON = new GsonBuilder()
            .setPrettyPrinting()
            .disableHtmlEscaping()
            .registerTypeAdapter(Instant.class, (JsonSerializer<Instant>)
                    (value, type, context) -> new JsonPrimitive(value.toString()))
            .registerTypeAdapter(Duration.class, (JsonSerializer<Duration>)
                    (value, type, context) -> new JsonPrimitive(value.toString()))
            .registerTypeAdapter(Figure.State.class, (JsonSerializer<Figure.State>)
                    (value, type, context) -> new JsonPrimitive(value.name().toLowerCase(Locale.ROOT)))
            .create();

    private VerificationJson() {}

    static String of(VerificationReport report) {
        JsonObject json = new JsonObject();
        json.addProperty("schemaVersion", SCHEMA_VERSION);
        GSON.toJsonTree(report).getAsJsonObject().entrySet().forEach(each -> json.add(each.getKey(), each.getValue()));
        return GSON.toJson(json) + "\n";
    }

    /** Any ordered facts, for the probes. */
    static String of(Map<String, String> facts) {
        return GSON.toJson(facts) + "\n";
    }
}
