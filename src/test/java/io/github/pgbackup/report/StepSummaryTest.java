package io.github.pgbackup.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgbackup.evidence.Check;
import io.github.pgbackup.evidence.VerificationReport;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StepSummaryTest {

    private static final Path EVIDENCE = Path.of("target", "evidence");

    @Test
    void shows_verdict_totals_and_failed_checks() {
        assertThat(StepSummary.markdown(Reports.failed(), Path.of("evidence")))
                .isEqualTo("""
                ## verify-backup: FAIL

                The backup was restored, and 1 of 2 checks failed.
                Database **directus** on 127&#46;0&#46;0&#46;1&#58;5432, read as workflow&#95;admin, PostgreSQL 15&#46;18.
                Archive of 54.2 kB, SHA-256 <code>%s</code>.

                | Failed check | Expected | Actual | Source |
                | --- | --- | --- | --- |
                | table public&#46;units&#58; rows | 86 | 85 | not asked |

                Evidence: <code>evidence</code>; begin with <code>index.html</code>.

                """.formatted(Reports.SHA256));
    }

    @Test
    void says_why_the_run_is_incomplete_and_what_to_do() {
        assertThat(StepSummary.markdown(Reports.notVerified(), EVIDENCE))
                .startsWith("## verify-backup: NOT&#95;VERIFIED\n")
                .contains(
                        "\n\nNo client of PostgreSQL 18 was found&#46;\n\n- 15&#46;18 is installed\n\nInstall one&#46;\n");
    }

    @Test
    void a_hostile_name_stays_in_its_cell_and_is_text() {
        String row = StepSummary.markdown(Reports.hostile(), EVIDENCE)
                .lines()
                .filter(line -> line.startsWith("| comparison"))
                .findFirst()
                .orElseThrow();

        assertThat(row.chars().filter(c -> c == '|')).hasSize(5);
        assertThat(row).doesNotContain("<", ">", "`", "\\", "[", "]", "@");
    }

    /** As GitHub reads it: one heading, one table, and only our own elements, whatever the names are. */
    @Test
    void hostile_names_do_not_change_the_structure() {
        String hostile = StepSummary.markdown(Reports.hostile(), Path.of("a|b`<i>"));
        String harmless = StepSummary.markdown(Reports.withNames("harmless"), Path.of("evidence"));

        assertThat(structure(hostile)).isEqualTo(structure(harmless));
    }

    /** Whatever has a meaning in Markdown and HTML, line by line, without the character references. */
    private static List<String> structure(String markdown) {
        return markdown.replaceAll("&#\\d+;", "")
                .lines()
                .map(line -> line.replaceAll("[^|<>`*#\\[\\]!@\\-]|(?<=\\w)-|(?<![|] )-(?=\\w)", ""))
                .toList();
    }

    /** GitHub refuses a summary of more than 1 MiB and counts its bytes, not its characters. */
    @ParameterizedTest
    @ValueSource(strings = {"|", "\u0000", "\uD800", "\uD83D\uDC18", "ü"})
    void stays_below_a_mebibyte_with_thousands_of_long_names(String character) {
        String name = character.repeat(5_000);
        List<Check> failed = Collections.nCopies(10_000, Check.difference(name, name, name));
        List<String> items = Collections.nCopies(1_000, name);

        assertThat(StepSummary.markdown(Reports.failed().withChecks(failed), EVIDENCE)
                        .getBytes(StandardCharsets.UTF_8))
                .hasSizeLessThan(1 << 20);
        assertThat(StepSummary.markdown(VerificationReport.invalid("1.0.0", items), EVIDENCE)
                        .getBytes(StandardCharsets.UTF_8))
                .hasSizeLessThan(1 << 20);
    }

    @Test
    void a_name_is_not_cut_inside_a_character() {
        String name = "x" + "\uD83D\uDC18".repeat(400);

        assertThat(StepSummary.markdown(Reports.withChecks(Check.difference(name, name, name)), EVIDENCE))
                .doesNotContain("uD83D");
    }

    @Test
    void names_a_hundred_failed_checks_and_counts_the_others() {
        List<Check> failed = Collections.nCopies(1_234, Check.difference("x".repeat(1_000), "a", "b"));

        String markdown = StepSummary.markdown(Reports.failed().withChecks(failed), EVIDENCE);

        assertThat(markdown.lines().filter(line -> line.startsWith("| comparison")))
                .hasSize(100);
        assertThat(markdown)
                .contains("1,234 of 1,234 checks failed.")
                .contains("\nThe evidence lists 1,134 more.\n")
                .hasSizeLessThan(1 << 20);
    }

    @Test
    void is_appended_to_the_file_that_github_names(@TempDir Path folder) throws IOException {
        Path summary = Files.writeString(folder.resolve("summary.md"), "of the step before\n");

        StepSummary.append(Reports.failed(), EVIDENCE, Map.of("GITHUB_STEP_SUMMARY", summary.toString()));

        assertThat(summary).hasContent("of the step before\n" + StepSummary.markdown(Reports.failed(), EVIDENCE));
    }

    @Test
    void nothing_is_written_outside_github() throws IOException {
        StepSummary.append(Reports.failed(), EVIDENCE, Map.of());
        StepSummary.append(Reports.failed(), EVIDENCE, Map.of("GITHUB_STEP_SUMMARY", ""));

        assertThat(EVIDENCE).doesNotExist();
    }
}
