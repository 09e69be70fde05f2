package io.github.pgbackup.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgbackup.evidence.Check;
import io.github.pgbackup.evidence.VerificationReport;
import io.github.pgbackup.history.History;
import io.github.pgbackup.history.PastRun;
import io.github.pgbackup.history.PastRuns;
import io.github.pgbackup.plan.AllowedLoss;
import io.github.pgbackup.plan.HistoryPlan;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class HistoryComparisonTest {

    private static final String ARCHIVE = "f".repeat(64);

    @TempDir
    private Path directory;

    private Path file;
    private @Nullable BigDecimal maximumLoss = BigDecimal.valueOf(5);
    private Map<String, BigDecimal> tables = Map.of();
    private @Nullable Duration maximumGap;

    @BeforeEach
    void name() {
        file = directory.resolve("history.jsonl");
    }

    private void past(PastRun... runs) throws Exception {
        History history = new History(file);
        history.prepare();
        for (PastRun run : runs) {
            history.append(run);
        }
    }

    private HistoryComparison.Result compare(int day, Map<String, Long> rows) throws IOException {
        HistoryPlan plan = new HistoryPlan(
                file, directory.resolve("history.html"), new AllowedLoss(maximumLoss, tables), maximumGap);
        return HistoryComparison.prepare(plan)
                .compare(
                        "shop",
                        "db.internal:5432",
                        PastRuns.FIRST.plus(Duration.ofDays(day)),
                        ARCHIVE,
                        rows.entrySet().stream()
                                .map(table -> new VerificationReport.TableRows(
                                        table.getKey(),
                                        Optional.of(table.getValue()),
                                        Optional.of(table.getValue()),
                                        Optional.empty(),
                                        Optional.empty()))
                                .toList());
    }

    private static List<String> failed(HistoryComparison.Result result) {
        return result.checks().stream()
                .filter(check -> !check.passed())
                .map(Check::sentence)
                .toList();
    }

    @Test
    void a_first_run_warns_that_there_is_nothing_to_compare_with() throws Exception {
        HistoryComparison.Result result = compare(0, Map.of("public.orders", 10L));

        assertThat(result.checks()).isEmpty();
        assertThat(result.warnings())
                .containsExactly(
                        "The history " + file + " has no PASS of the database shop on db.internal:5432 yet: there"
                                + " is nothing to compare with.");
    }

    @Test
    void without_a_limit_nothing_is_compared_and_there_is_no_warning() throws Exception {
        maximumLoss = null;
        assertThat(compare(0, Map.of()).warnings()).isEmpty();

        past(PastRuns.of(0, "PASS", Map.of("public.orders", 1_000L)));
        assertThat(compare(1, Map.of())).isEqualTo(new HistoryComparison.Result(List.of(), List.of()));
    }

    @Test
    void lost_rows_beyond_the_limit_are_a_finding() throws Exception {
        past(PastRuns.of(0, "PASS", Map.of("public.orders", 1_000L, "public.units", 10L)));

        HistoryComparison.Result kept = compare(1, Map.of("public.orders", 950L, "public.units", 10L));
        assertThat(failed(kept)).isEmpty();
        assertThat(kept.checks())
                .extracting(Check::sentence)
                .containsExactly("history: tables that lost more rows since the last PASS than allowed: expected none,"
                        + " actual none of 2 (since 2026-01-01T03:00:00Z).");

        assertThat(failed(compare(1, Map.of("public.orders", 949L, "public.units", 10L))))
                .containsExactly(
                        "history: rows of public.orders since the last PASS: expected at least 950 (5% fewer than"
                                + " the 1000 of 2026-01-01T03:00:00Z), actual 949.");
        // A tenth of a row does not exist.
        assertThat(failed(compare(1, Map.of("public.orders", 1_000L, "public.units", 9L))))
                .hasSize(1);
    }

    @Test
    void growth_is_never_a_finding() throws Exception {
        past(PastRuns.of(0, "PASS", Map.of("public.orders", 1_000L, "public.empty", 0L)));

        assertThat(failed(compare(1, Map.of("public.orders", 1_000_000L, "public.empty", 5L, "public.brand_new", 7L))))
                .isEmpty();
    }

    @Test
    void a_missing_table_is_a_finding_even_if_it_was_empty() throws Exception {
        past(PastRuns.of(0, "PASS", Map.of("public.orders", 1_000L, "public.empty", 0L)));

        assertThat(failed(compare(1, Map.of("public.orders", 1_000L))))
                .containsExactly(
                        "history: rows of public.empty since the last PASS: expected at least 0 (5% fewer than the"
                                + " 0 of 2026-01-01T03:00:00Z), actual no table.");
    }

    @Test
    void a_table_can_have_a_limit_of_its_own() throws Exception {
        past(PastRuns.of(0, "PASS", Map.of("public.log", 1_000L, "public.orders", 1_000L, "public.scratch", 5L)));
        tables = Map.of("public.log", BigDecimal.valueOf(50), "public.scratch", BigDecimal.valueOf(100));

        assertThat(failed(compare(1, Map.of("public.log", 500L, "public.orders", 1_000L))))
                .isEmpty();
        assertThat(failed(compare(1, Map.of("public.log", 499L, "public.orders", 1_000L))))
                .hasSize(1);

        maximumLoss = null;
        assertThat(failed(compare(1, Map.of("public.log", 500L)))).isEmpty();
    }

    @Test
    void a_limit_for_an_unknown_table_causes_a_warning() throws Exception {
        past(PastRuns.of(0, "PASS", Map.of("public.log", 1_000L)));
        tables = Map.of("public.lgo", BigDecimal.valueOf(50));

        assertThat(compare(1, Map.of("public.log", 1_000L)).warnings())
                .containsExactly("<history><tables> names public.lgo, but neither this run nor the last PASS has such"
                        + " a table.");
    }

    /** Otherwise a loss would be compared with itself from the second run on. */
    @Test
    void later_runs_are_not_compared_with_a_failed_run() throws Exception {
        past(
                PastRuns.of(0, "PASS", Map.of("public.orders", 1_000L)),
                PastRuns.of(1, "FAIL", Map.of("public.orders", 10L)),
                PastRuns.of(2, "NOT_VERIFIED", Map.of()));

        assertThat(failed(compare(3, Map.of("public.orders", 10L)))).hasSize(1);
    }

    @Test
    void a_run_is_not_compared_with_runs_of_another_database_or_server() throws Exception {
        past(PastRuns.of(0, "PASS", Map.of("public.orders", 1_000L)));
        HistoryPlan plan = new HistoryPlan(file, file, new AllowedLoss(maximumLoss, tables), maximumGap);

        for (List<String> other : List.of(List.of("billing", "db.internal:5432"), List.of("shop", "staging:5432"))) {
            HistoryComparison.Result result = HistoryComparison.prepare(plan)
                    .compare(other.get(0), other.get(1), PastRuns.FIRST, ARCHIVE, List.of());
            assertThat(result.checks()).isEmpty();
            assertThat(result.warnings()).hasSize(1);
        }
    }

    @Test
    void a_gap_that_is_too_long_fails_only_one_run() throws Exception {
        maximumGap = Duration.ofDays(7);
        maximumLoss = null;
        past(PastRuns.of(0, "PASS", Map.of()), PastRuns.of(6, "NOT_VERIFIED", Map.of()));

        assertThat(failed(compare(7, Map.of()))).isEmpty();
        assertThat(failed(compare(9, Map.of())))
                .containsExactly(
                        "history: time since the last PASS: expected at most 7 d, actual 9 d (that run began at"
                                + " 2026-01-01T03:00:00Z).");

        past(PastRuns.of(9, "FAIL", true, Map.of(), ARCHIVE));
        assertThat(failed(compare(10, Map.of()))).isEmpty();
    }

    @Test
    void the_same_archive_again_causes_a_warning() throws Exception {
        past(
                PastRuns.of(0, "PASS", false, Map.of("public.orders", 10L), ARCHIVE),
                PastRuns.of(1, "PASS", false, Map.of("public.orders", 10L), ARCHIVE));

        assertThat(compare(2, Map.of("public.orders", 10L)).warnings())
                .containsExactly(
                        "This archive was verified before: 2 runs since 2026-01-01T03:00:00Z verified an archive with"
                                + " the same SHA-256. If you expected a new archive, check the job that takes it.");
    }

    @Test
    void a_damaged_history_causes_a_warning() throws Exception {
        past(PastRuns.of(0, "PASS", Map.of("public.orders", 10L)));
        String text = Files.readString(file);
        Files.writeString(file, text.replace("10", "99") + text);

        HistoryComparison.Result result = compare(1, Map.of("public.orders", 10L));

        assertThat(failed(result)).isEmpty();
        assertThat(result.warnings())
                .containsExactly("The history " + file + " is damaged. Line 1 is damaged and is ignored.");
    }

    @Test
    void an_unwritable_history_stops_the_run() throws Exception {
        Files.createDirectories(file);

        assertThatThrownBy(() -> compare(0, Map.of()))
                .hasMessageStartingWith("The history " + file + " cannot be written: ")
                .hasMessageEndingWith(
                        "Name a writable file, on a disk with room: <history><file>, -Dpgbackup.history.file. See docs/trust.md#the-history.");
    }
}
