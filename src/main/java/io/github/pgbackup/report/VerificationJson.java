package io.github.pgbackup.report;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import com.google.gson.JsonSerializer;
import io.github.pgbackup.evidence.Check;
import io.github.pgbackup.evidence.VerificationReport;
import io.github.pgbackup.expectation.Observation;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
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
            .registerTypeAdapter(Optional.class, (JsonSerializer<Optional<?>>) (value, type, context) ->
                    value.<JsonElement>map(context::serialize).orElse(JsonNull.INSTANCE))
            .registerTypeAdapter(Observation.State.class, (JsonSerializer<Observation.State>)
                    (value, type, context) -> new JsonPrimitive(value.name().toLowerCase(Locale.ROOT)))
            // a member keeps the name that version 1.0 of the schema gave it
            .setFieldNamingStrategy(field -> field.getName().equals("observations") ? "figures" : field.getName())
            .create();

    private VerificationJson() {}

    /** How the backup was verified. */
    private record Method(
            Map<String, String> parameters,
            Optional<List<String>> dump,
            Optional<List<String>> restore,
            List<VerificationReport.Query> queries) {}

    /**
     * The members in the order of the schema. A part that the run did not reach is left out. The test of the expectations
     * and the rehearsal have files of their own.
     */
    static String of(VerificationReport report) {
        VerificationReport.Outcome outcome = report.outcome();
        VerificationReport.Acquired acquired = report.acquired();
        Optional<VerificationReport.Context> context = report.context();
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("schemaVersion", SCHEMA_VERSION);
        members.put("plugin", outcome.plugin());
        members.put("verdict", report.verdict());
        members.put("startedAt", outcome.startedAt());
        members.put("duration", outcome.duration());
        members.put("problem", outcome.problem());
        members.put("source", acquired.source());
        members.put("snapshot", acquired.snapshot());
        members.put("archive", acquired.archive().map(VerificationJson::archive));
        members.put("target", report.restored().target());
        members.put("restore", report.restored().restore());
        members.put("ledger", report.checked().comparison());
        members.put("production", acquired.production());
        members.put(
                "checks", report.checks().stream().map(VerificationJson::check).toList());
        members.put("stages", outcome.stages());
        members.put("doesNotContain", acquired.doesNotContain());
        members.put("warnings", outcome.warnings());
        members.put("demands", context.map(VerificationReport.Context::demands));
        members.put("method", context.map(asked -> method(report, asked)));
        members.put("boundTo", context.flatMap(VerificationReport.Context::boundTo));
        members.put("audit", context.map(VerificationReport.Context::audit));
        members.put("handOver", report.used().handOver().map(handOver -> flat(handOver, "ended")));
        return text(GSON.toJsonTree(members).getAsJsonObject());
    }

    private static Method method(VerificationReport report, VerificationReport.Context context) {
        return new Method(
                context.parameters(),
                Optional.of(report.acquired().command()).filter(command -> !command.isEmpty()),
                Optional.of(report.restored().command()).filter(command -> !command.isEmpty()),
                context.queries());
    }

    /** Readers of the evidence tell differences apart by group and name. */
    private static JsonObject check(Check check) {
        JsonObject json = GSON.toJsonTree(check).getAsJsonObject();
        json.remove("ofDifference");
        return json;
    }

    private static JsonObject archive(VerificationReport.Archive archive) {
        JsonObject json = flat(archive, "takenBy");
        archive.given()
                .filter(given -> given.files().isEmpty())
                .ifPresent(single -> json.getAsJsonObject("given").remove("files"));
        return json;
    }

    /** A part of the report, with the members of an inner part in place of that part: the schema has no object for it. */
    private static JsonObject flat(Object part, String inner) {
        JsonObject flat = new JsonObject();
        GSON.toJsonTree(part).getAsJsonObject().asMap().forEach((name, value) -> {
            if (name.equals(inner)) {
                value.getAsJsonObject().asMap().forEach(flat::add);
            } else {
                flat.add(name, value);
            }
        });
        return flat;
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
