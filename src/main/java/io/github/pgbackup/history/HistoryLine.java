package io.github.pgbackup.history;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonDeserializer;
import com.google.gson.JsonParseException;
import com.google.gson.JsonPrimitive;
import com.google.gson.JsonSerializer;
import io.github.pgbackup.Sha256;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A run as a line: a JSON object whose last member is the SHA-256 of everything before it. So a truncated or altered
 * line is recognised. This is not a signature: whoever may write to the file can write a valid line.
 */
final class HistoryLine {

    private static final Pattern LINE = Pattern.compile("(\\{.*),\"lineSha256\":\"([0-9a-f]{64})\"}");

    private static final Gson GSON = new GsonBuilder()
            .disableHtmlEscaping()
            .registerTypeAdapter(Instant.class, (JsonSerializer<Instant>)
                    (value, type, context) -> new JsonPrimitive(value.toString()))
            .registerTypeAdapter(Instant.class, (JsonDeserializer<Instant>)
                    (json, type, context) -> Instant.parse(json.getAsString()))
            .registerTypeAdapter(Duration.class, (JsonSerializer<Duration>)
                    (value, type, context) -> new JsonPrimitive(value.toString()))
            .registerTypeAdapter(Duration.class, (JsonDeserializer<Duration>)
                    (json, type, context) -> Duration.parse(json.getAsString()))
            .create();

    private HistoryLine() {}

    /**
     * Formats a run as a line, without a line break at its end. There is none inside either, because JSON escapes it.
     */
    static String of(PastRun run) {
        String json = GSON.toJson(run);
        String body = json.substring(0, json.length() - 1);
        return body + ",\"lineSha256\":\"" + Sha256.of(body) + "\"}";
    }

    /** The run; empty when the line is damaged. */
    static Optional<PastRun> parse(String line) {
        Matcher matcher = LINE.matcher(line);
        if (!matcher.matches() || !Sha256.of(matcher.group(1)).equals(matcher.group(2))) {
            return Optional.empty();
        }
        try {
            PastRun run = GSON.fromJson(matcher.group(1) + "}", PastRun.class);
            return run.startedAt() == null || run.verdict() == null || run.server() == null
                    ? Optional.empty()
                    : Optional.of(run);
        } catch (JsonParseException | DateTimeException | NullPointerException e) {
            return Optional.empty(); // written by another version of the plugin
        }
    }
}
