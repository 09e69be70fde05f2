package io.github.pgbackup.report;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import com.google.gson.JsonSerializer;
import io.github.pgbackup.evidence.VerificationReport;
import io.github.pgbackup.expectation.Observation;
import java.lang.reflect.Field;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * {@code verification.json}: the report for programs, as {@code verification.schema.json} in this package describes it.
 * Instants and durations are in ISO-8601.
 */
final class VerificationJson {

    /**
     * The version of the schema. Its first part changes when a program that reads the previous version could go wrong.
     */
    static final String SCHEMA_VERSION = "1.6";

    private static final Pattern HALF_PAIR = Pattern.compile("[\\x{D800}-\\x{DFFF}]");

    private static final Gson GSON = new GsonBuilder()
            .setPrettyPrinting()
            .disableHtmlEscaping()
            .registerTypeAdapter(Instant.class, (JsonSerializer<Instant>)
                    (value, type, context) -> new JsonPrimitive(value.toString()))
            .registerTypeAdapter(Duration.class, (JsonSerializer<Duration>)
                    (value, type, context) -> new JsonPrimitive(value.toString()))
            .registerTypeAdapter(Observation.State.class, (JsonSerializer<Observation.State>)
                    (value, type, context) -> new JsonPrimitive(value.name().toLowerCase(Locale.ROOT)))
            .setFieldNamingStrategy(VerificationJson::member)
            .create();

    private VerificationJson() {}

    /** Members keep the names that version 1.0 of the schema gave them. */
    private static String member(Field field) {
        if (field.getDeclaringClass() == VerificationReport.class
                && field.getName().equals("comparison")) {
            return "ledger";
        }
        return field.getName().equals("observations") ? "figures" : field.getName();
    }

    static String of(VerificationReport report) {
        JsonObject json = new JsonObject();
        json.addProperty("schemaVersion", SCHEMA_VERSION);
        GSON.toJsonTree(report).getAsJsonObject().entrySet().forEach(each -> json.add(each.getKey(), each.getValue()));
        json.remove("expectationTest"); // it has a file of its own
        json.remove("rehearsal"); // so does this
        return text(json);
    }

    /** JSON text in the format of all evidence. */
    static String text(JsonObject json) {
        return encodable(GSON.toJson(json)) + "\n";
    }

    /** A JSON object of any ordered facts, for the probes. */
    static String of(Map<String, String> facts) {
        return encodable(GSON.toJson(facts)) + "\n";
    }

    /** JSON can represent half of a surrogate pair; UTF-8 cannot. */
    private static String encodable(String json) {
        return HALF_PAIR
                .matcher(json)
                .replaceAll(
                        half -> String.format("\\\\u%04X", (int) half.group().charAt(0)));
    }
}
