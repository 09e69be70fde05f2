package io.github.pgbackup.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WordingTest {

    @ParameterizedTest
    @CsvSource({
        "PT0S, 0 ms",
        "PT0.0124S, 12 ms",
        "PT0.999S, 999 ms",
        "PT1S, 1.0 s",
        "PT2.685S, 2.7 s",
        "PT119.9S, 119.9 s",
        "PT125S, 2 min 5 s",
        "PT10M, 10 min",
        "PT119M59S, 119 min 59 s",
        "PT26H5M, 26 h 5 min",
        "PT76H5M, 3 d 4 h",
        "PT96H, 4 d"
    })
    void a_duration_has_units_that_fit_its_size(Duration duration, String shown) {
        assertThat(Wording.duration(duration)).isEqualTo(shown);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0 bytes",
        "999, 999 bytes",
        "1000, 1.0 kB",
        "54191, 54.2 kB",
        "999949, 999.9 kB",
        "999950, 1.0 MB",
        "2500000000000, 2.5 TB",
        "9223372036854775807, 9.2 EB"
    })
    void a_size_has_units_in_powers_of_a_thousand(long bytes, String shown) {
        assertThat(Wording.size(bytes)).isEqualTo(shown);
    }

    @Test
    void one_is_singular() {
        assertThat(Wording.plural(1, "check")).isEqualTo("1 check");
        assertThat(Wording.plural(1_234, "check")).isEqualTo("1,234 checks");
    }

    @Test
    void an_archive_without_compression_says_so_in_words() {
        assertThat(Wording.compression("none")).isEqualTo("no compression");
        assertThat(Wording.compression("gzip")).isEqualTo("gzip");
    }

    @Test
    void a_pass_without_a_baseline_has_a_sentence_of_its_own() {
        assertThat(Wording.headline(Reports.ofArchive()))
                .isEqualTo(
                        "The archive was restored completely, and every check passed; there was nothing to compare it with (baseline none). Restored as archived: 86 rows in 1 table, 1 object; 1 check, 1 expectation.");
        assertThat(ConsoleText.afterVerdict(Reports.ofArchive()))
                .isEqualTo(": 1 check, 1 expectation; nothing to compare with");
        assertThat(ConsoleText.below(Reports.ofArchive()))
                .isEqualTo("  baseline none, restored as archived: 86 rows in 1 table, 1 object");
    }

    @Test
    void a_pass_with_a_manifest_names_it() {
        assertThat(Wording.headline(Reports.ofManifest()))
                .isEqualTo("The backup was restored, and every check passed: 86 rows in 1 table, 1 object; 1 check,"
                        + " 1 expectation (baseline manifest).");
        assertThat(ConsoleText.afterVerdict(Reports.ofManifest()))
                .isEqualTo(": 86 rows in 1 table, 1 object; 1 check, 1 expectation (baseline manifest)");
        assertThat(ConsoleText.below(Reports.ofManifest())).isEmpty();
        assertThat(Wording.baseline(Reports.failed())).isEmpty();
    }
}
