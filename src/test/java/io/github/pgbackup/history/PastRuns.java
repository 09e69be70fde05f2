package io.github.pgbackup.history;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Runs of the database shop. */
public final class PastRuns {

    public static final Instant FIRST = Instant.parse("2026-01-01T03:00:00Z");

    private PastRuns() {}

    /** The run of a day, from 0, with this verdict and these rows. */
    public static PastRun of(int day, String verdict, Map<String, Long> rows) {
        return of(
                day,
                verdict,
                false,
                rows,
                day + "0".repeat(64 - String.valueOf(day).length()));
    }

    /** The same, of this archive. */
    public static PastRun of(
            int day, String verdict, boolean gapAlone, Map<String, Long> rows, @Nullable String sha256) {
        boolean reached = !verdict.equals("NOT_VERIFIED");
        Instant startedAt = FIRST.plus(Duration.ofDays(day));
        return new PastRun(
                startedAt,
                reached ? "shop" : null,
                "db.internal:5432",
                verdict,
                verdict.equals("FAIL") ? 1 : 0,
                gapAlone,
                reached ? startedAt.plusSeconds(1) : null,
                reached ? Duration.ofMillis(1_500) : null,
                reached ? 1_000_000L + day : null,
                reached ? sha256 : null,
                reached ? Duration.ofMillis(30_000 + day) : null,
                reached ? "rows" : null,
                null,
                new TreeMap<>(rows));
    }
}
