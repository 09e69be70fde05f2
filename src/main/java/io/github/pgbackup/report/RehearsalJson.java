package io.github.pgbackup.report;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import com.google.gson.JsonSerializer;
import io.github.pgbackup.rehearsal.LockMode;
import io.github.pgbackup.rehearsal.RehearsalReport;
import java.time.Duration;
import java.util.Locale;

/**
 * {@code rehearsal.json}: what migrations did, for programs, as {@code rehearsal.schema.json} in this package describes
 * it.
 */
final class RehearsalJson {

    /**
     * The version of the schema. Its first part changes when a program that reads the previous version could go wrong.
     */
    static final String SCHEMA_VERSION = "1.1";

    private static final Gson GSON = new GsonBuilder()
            .registerTypeAdapter(Duration.class, (JsonSerializer<Duration>)
                    (value, type, context) -> new JsonPrimitive(value.toString()))
            .registerTypeAdapter(LockMode.class, (JsonSerializer<LockMode>)
                    (value, type, context) -> new JsonPrimitive(value.toString()))
            .registerTypeAdapter(LockMode.Blocks.class, (JsonSerializer<LockMode.Blocks>)
                    (value, type, context) -> new JsonPrimitive(tag(value)))
            .registerTypeAdapter(RehearsalReport.Storage.class, (JsonSerializer<RehearsalReport.Storage>)
                    (value, type, context) -> new JsonPrimitive(tag(value)))
            // a member keeps the name that version 1.0 of the schema gave it
            .setFieldNamingStrategy(field -> field.getName().equals("samples") ? "looks" : field.getName())
            .create();

    private RehearsalJson() {}

    static String of(RehearsalReport report) {
        JsonObject json = new JsonObject();
        json.addProperty("schemaVersion", SCHEMA_VERSION);
        json.addProperty("nothingMigrated", report.nothingMigrated());
        GSON.toJsonTree(report).getAsJsonObject().entrySet().forEach(each -> json.add(each.getKey(), each.getValue()));
        return VerificationJson.text(json);
    }

    private static String tag(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
