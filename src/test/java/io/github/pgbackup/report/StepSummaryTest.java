package io.github.pgbackup.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgbackup.verification.Check;
import io.github.pgbackup.verification.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StepSummaryTest {

    private static final Path EVIDENCE = Path.of("target", "evidence");

    @Test
    void tells_verdict_totals_and_failed_checks() {
        assertThat(StepSummary.markdown(Reports.failed(), Path.of("evidence")))
                .isEqualTo("""
                ## verify-backup: FAIL

                The backup was restored, and 1 of 2 checks failed.
                Database **directus** on 127&#46;0&#46;0&#46;1&#58;5432, read as workflow&#95;admin, PostgreSQL 15&#46;18.
                Archive of 54.2 kB, SHA-256 <code>%s</code>.

                | Failed check | Expected | Actual |
                | --- | --- | --- |
                | table public&#46;units&#58; rows | 86 | 85 |

                Evidence: <code>evidence</code>, <code>index.html</code> first.

                """.formatted(Reports.SHA256));
    }

    @Test
    void says_what_stood_in_the_way_and_what_to_do() {
        assertThat(StepSummary.markdown(Reports.notVerified(), EVIDENCE))
                .startsWith("## verify-backup: NOT&#95;VERIFIED\n")
                .contains(
                        "\n\nNo client of PostgreSQL 18 was found&#46;\n\n- 15&#46;18 is installed\n\nInstall one&#46;\n");
    }

    @Test
    void a_hostile_name_stays_in_its_cell_and_is_text() {
        String row = StepSummary.markdown(Reports.hostile(), EVIDENCE)
                .lines()
                .filter(line -> line.startsWith("| ledger"))
                .findFirst()
                .orElseThrow();

        assertThat(row.chars().filter(c -> c == '|')).hasSize(4);
        assertThat(row).doesNotContain("<", ">", "`", "\\", "[", "]", "@");
    }

    @Test
    void names_a_hundred_failed_checks_and_counts_the_others() {
        List<Check> failed = Collections.nCopies(1_234, Check.of("ledger", "x".repeat(1_000), "a", "b", false));

        String markdown = StepSummary.markdown(Reports.withChecks(Verdict.FAIL, failed), EVIDENCE);

        assertThat(markdown.lines().filter(line -> line.startsWith("| ledger"))).hasSize(100);
        assertThat(markdown)
                .contains("1,234 of 1,234 checks failed.")
                .contains("\nAnd 1,134 more, which the evidence names.\n")
                .hasSizeLessThan(1 << 20);
    }

    @Test
    void is_appended_to_the_file_that_github_names(@TempDir Path folder) throws IOException {
        Path summary = Files.writeString(folder.resolve("summary.md"), "of the step before\n");

        StepSummary.append(Reports.failed(), EVIDENCE, Map.of("GITHUB_STEP_SUMMARY", summary.toString()));

        assertThat(summary).hasContent("of the step before\n" + StepSummary.markdown(Reports.failed(), EVIDENCE));
    }

    @Test
    void nothing_is_written_elsewhere_than_on_github() throws IOException {
        StepSummary.append(Reports.failed(), EVIDENCE, Map.of());
        StepSummary.append(Reports.failed(), EVIDENCE, Map.of("GITHUB_STEP_SUMMARY", ""));

        assertThat(EVIDENCE).doesNotExist();
    }
}
