package io.github.pgbackup.archive;

import io.github.pgbackup.postgres.PostgresVersion;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How pg_dump compresses table data: a value of its option {@code --compress} (manual, pg_dump, {@code -Z}).
 *
 * @param method none, gzip, lz4 or zstd
 * @param level the level, or null for the method's default
 * @param longDistance whether zstd uses long-distance matching, or null for its default
 */
public record Compression(
        Method method, @Nullable Integer level, @Nullable Boolean longDistance) {

    /** The methods that pg_dump knows; some builds of it lack some of them. */
    public enum Method {
        NONE(0, 0),
        GZIP(1, 9),
        LZ4(1, 12),
        ZSTD(1, 22);

        private final int lowest;
        private final int highest;

        Method(int lowest, int highest) {
            this.lowest = lowest;
            this.highest = highest;
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private static final String ALLOWED =
            "use 0 to 9, none, gzip[:1 to 9], lz4[:1 to 12] or zstd[:1 to 22], or details such"
                    + " as zstd:level=3,long";

    private static final int FIRST_VERSION_WITH_METHODS = 16;
    private static final Set<String> YES = Set.of("", "true", "yes", "on", "1");
    private static final Set<String> NO = Set.of("false", "no", "off", "0");

    /**
     * Parses a value of {@code pg_dump -Z}.
     *
     * @throws IllegalArgumentException when it is not valid; the message is a sentence that lists the valid values
     */
    public static Compression parse(String text) {
        if (text.matches("[0-9]")) {
            int level = Integer.parseInt(text);
            return level == 0 ? new Compression(Method.NONE, null, null) : new Compression(Method.GZIP, level, null);
        }
        int colon = text.indexOf(':');
        Method method = method(text, colon < 0 ? text : text.substring(0, colon));
        Integer level = null;
        Boolean longDistance = null;
        if (colon >= 0) {
            String details = text.substring(colon + 1);
            for (String detail : details.split(",", -1)) {
                int equals = detail.indexOf('=');
                String key = equals < 0 ? detail : detail.substring(0, equals);
                String value = equals < 0 ? "" : detail.substring(equals + 1);
                if (key.equals("level") && equals >= 0) {
                    level = level(text, method, value);
                } else if (key.equals("long") && method == Method.ZSTD && YES.contains(value)) {
                    longDistance = true;
                } else if (key.equals("long") && method == Method.ZSTD && NO.contains(value)) {
                    longDistance = false;
                } else if (details.equals(detail)) {
                    level = level(text, method, detail);
                } else {
                    throw invalid(text, "%s does not accept the detail '%s'".formatted(method, detail));
                }
            }
        }
        return new Compression(method, level, longDistance);
    }

    private static Method method(String text, String name) {
        for (Method method : Method.values()) {
            if (method.toString().equalsIgnoreCase(name)) {
                return method;
            }
        }
        throw invalid(text, "unknown method '%s'".formatted(name));
    }

    private static int level(String text, Method method, String level) {
        if (method == Method.NONE) {
            throw invalid(text, "none does not accept a level");
        }
        if (!level.matches("[0-9]{1,3}")
                || Integer.parseInt(level) < method.lowest
                || Integer.parseInt(level) > method.highest) {
            throw invalid(
                    text,
                    "%s accepts levels from %d to %d, not '%s'"
                            .formatted(method, method.lowest, method.highest, level));
        }
        return Integer.parseInt(level);
    }

    private static IllegalArgumentException invalid(String text, String fact) {
        return new IllegalArgumentException("Invalid compression '%s': %s; %s.".formatted(text, fact, ALLOWED));
    }

    /**
     * The arguments for a pg_dump of the given version.
     *
     * @throws IllegalArgumentException when that pg_dump does not know the method; the message is a complete sentence
     *     for the user
     */
    public List<String> arguments(PostgresVersion client) {
        if (client.major() >= FIRST_VERSION_WITH_METHODS) {
            return List.of("--compress=" + this);
        }
        return switch (method) {
            case NONE -> List.of("--compress=0");
            // Before 16, the only way to ask for gzip's default level is to leave the option out.
            case GZIP -> level == null ? List.of() : List.of("--compress=" + level);
            case LZ4, ZSTD ->
                throw new IllegalArgumentException(
                        ("pg_dump %s cannot compress with %s, which needs pg_dump %d or newer; use gzip:1 to gzip:9, none, or a"
                                        + " newer pg_dump.")
                                .formatted(client, method, FIRST_VERSION_WITH_METHODS));
        };
    }

    /** Returns the value in the notation of pg_dump 16 and newer, for example {@code gzip:6}. */
    @Override
    public String toString() {
        List<String> details = new ArrayList<>();
        if (level != null) {
            details.add(longDistance == null ? level.toString() : "level=" + level);
        }
        if (longDistance != null) {
            details.add(longDistance ? "long" : "long=no");
        }
        return details.isEmpty() ? method.toString() : method + ":" + String.join(",", details);
    }
}
