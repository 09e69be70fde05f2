package io.github.pgbackup.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgbackup.history.History;
import io.github.pgbackup.history.PastRun;
import io.github.pgbackup.history.PastRuns;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class HistoryPageTest {

    @TempDir
    private Path directory;

    private String page(PastRun... runs) throws Exception {
        History history = new History(directory.resolve("history.jsonl"));
        history.prepare();
        for (PastRun run : runs) {
            history.append(run);
        }
        return write(history);
    }

    private String write(History history) throws Exception {
        Path page = directory.resolve("pages/history.html");
        HistoryPage.write(history, page, "shop", "db.internal:5432");
        String html = Files.readString(page);
        // It is well-formed, so no name has broken out of its place.
        DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new java.io.ByteArrayInputStream(
                        html.replaceFirst("<!DOCTYPE html>", "").getBytes(java.nio.charset.StandardCharsets.UTF_8)));
        assertThat(html).doesNotContain("http:", "https:", "<script", "@import", "src=");
        return html;
    }

    @Test
    void verdicts_gap_lines_and_growth_are_there() throws Exception {
        String html = page(
                PastRuns.of(0, "PASS", Map.of("public.orders", 100L, "public.old", 5L)),
                PastRuns.of(1, "FAIL", Map.of()),
                PastRuns.of(3, "NOT_VERIFIED", Map.of()),
                PastRuns.of(4, "PASS", Map.of("public.orders", 1_250L)));

        assertThat(html)
                .contains("<h2 id=\"series-1\">Database shop on db.internal:5432</h2>")
                .contains("<dt>Last run</dt><dd>PASS, 2026-01-05T03:00:00Z</dd>")
                .contains("<dt>Last PASS</dt><dd>2026-01-05T03:00:00Z</dd>")
                .contains("<dt>Runs</dt><dd>3, of which 2 passed</dd>")
                .contains("<dt>Longest gap</dt><dd>4 d, from the PASS of 2026-01-01T03:00:00Z to the run of"
                        + " 2026-01-05T03:00:00Z</dd>")
                .contains("<title>FAIL 2026-01-02T03:00:00Z</title>")
                .contains("From 30.0 s to 30.0 s; the newest is 30.0 s.")
                .contains(
                        "<th scope=\"row\">public.orders</th><td class=\"number\">100</td><td class=\"number\">1,250</td><td"
                                + " class=\"number\">+1,150</td>")
                .contains(
                        "<th scope=\"row\">public.old</th><td class=\"number\">5</td><td class=\"number\">no table</td><td"
                                + " class=\"number bad\">-5</td>")
                // A run that did not reach its database is reported as such.
                .contains("Database not reached on db.internal:5432");
    }

    @Test
    void a_history_without_a_pass_and_one_without_a_run_have_a_page() throws Exception {
        assertThat(page()).contains("All runs in history.jsonl.");
        assertThat(page(PastRuns.of(0, "FAIL", Map.of())))
                .contains("<dt>Last PASS</dt><dd>none</dd>")
                .doesNotContain("Longest gap");
    }

    @Test
    void a_line_leaves_out_a_run_without_the_value() {
        PastRun with = PastRuns.of(0, "PASS", Map.of());
        PastRun without = PastRuns.of(1, "NOT_VERIFIED", Map.of());

        HistoryPage.Line line = HistoryPage.Line.of(
                "Size", java.util.List.of(with, with, without, with), PastRun::bytes, String::valueOf);

        assertThat(line.path()).isEqualTo("M0.5 2.0h0L1.5 2.0M3.5 2.0h0");
        assertThat(line.width()).isEqualTo(4);
    }

    @Test
    void the_last_pass_is_that_of_the_database() throws Exception {
        History history = new History(directory.resolve("history.jsonl"));
        history.prepare();
        history.append(PastRuns.of(0, "PASS", Map.of()));
        history.append(PastRuns.of(1, "FAIL", Map.of()));

        Path page = directory.resolve("history.html");
        assertThat(HistoryPage.write(history, page, "shop", "db.internal:5432")).isEqualTo(PastRuns.FIRST);
        assertThat(HistoryPage.write(history, page, "shop", "staging:5432")).isNull();
        assertThat(HistoryPage.write(history, page, null, "db.internal:5432")).isNull();
    }

    @Test
    void hostile_names_remain_text() throws Exception {
        PastRun run = RunRecord.of(Reports.hostile(), Reports.HOSTILE.replace("\uD800", ""), null);
        PastRun hostile = Reports.with(run, "verdict", "PASS");
        PastRun other = Reports.with(
                Reports.with(hostile, "startedAt", hostile.startedAt().plusSeconds(1)),
                "rows",
                new TreeMap<>(Map.of("<script>x</script>", 1L)));
        String html = page(Reports.with(hostile, "database", "<b>"), Reports.with(other, "database", "<b>"));

        assertThat(html).contains("Database &lt;b&gt; on t", "&lt;script&gt;x&lt;/script&gt;");
    }

    @Test
    void a_thousand_runs_of_two_thousand_tables_are_a_page_of_less_than_a_megabyte() throws Exception {
        Map<String, Long> rows = new TreeMap<>();
        for (int i = 0; i < 2_000; i++) {
            rows.put("public.table_" + i, (long) i);
        }
        History history = new History(directory.resolve("history.jsonl"));
        history.prepare();
        for (int i = 0; i < 1_200; i++) {
            history.append(PastRuns.of(i, i % 50 == 7 ? "FAIL" : "PASS", i == 0 || i == 1_199 ? rows : Map.of()));
        }

        long began = System.nanoTime();
        String html = write(history);

        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(10));
        assertThat(html)
                .contains("<dt>Runs</dt><dd>1,200; the last 1,000 are shown, of which 980 passed</dd>")
                .hasSizeLessThan(1_000_000);
    }

    @Test
    void damage_is_reported() throws Exception {
        Files.writeString(directory.resolve("history.jsonl"), "x\ny\n");

        assertThat(page(PastRuns.of(0, "PASS", Map.of())))
                .contains("The history is damaged. Line 1 is damaged and is ignored (2 damaged lines in all).");
    }
}
