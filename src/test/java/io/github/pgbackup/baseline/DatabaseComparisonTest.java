package io.github.pgbackup.baseline;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgbackup.comparison.ExtensionVersions;
import io.github.pgbackup.description.DescriptionFindings;
import io.github.pgbackup.description.Finding;
import io.github.pgbackup.evidence.Check;
import io.github.pgbackup.evidence.VerificationReport.GradedError;
import io.github.pgbackup.plan.PlanReader;
import io.github.pgbackup.plan.Xml;
import io.github.pgbackup.restore.RestoreError;
import io.github.pgbackup.restore.RestoreError.Phase;
import io.github.pgbackup.test.Contents;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** An error of pg_restore that names no entry of the archive, graded by the comparison. */
class DatabaseComparisonTest {

    private static final String MESSAGE = "something went wrong";

    @Test
    void is_harmless_when_schema_rows_and_content_agree() throws Exception {
        assertThat(grade("content", Phase.PROCESSING_TOC))
                .isEqualTo(new GradedError("", MESSAGE, true, "schema, rows and content agree"));
    }

    @Test
    void is_harmful_when_the_content_was_not_compared() throws Exception {
        assertThat(grade("rows", Phase.PROCESSING_TOC))
                .isEqualTo(new GradedError(
                        "",
                        MESSAGE,
                        false,
                        "it names no entry, and the rows' content was not compared; <comparison>content</comparison>"
                                + " (-Dpgbackup.comparison=content) compares it"));
    }

    @Test
    void is_harmless_as_a_setting_of_the_session() throws Exception {
        assertThat(grade("rows", Phase.INITIALIZING))
                .isEqualTo(new GradedError(
                        "", MESSAGE, true, "a setting of pg_restore's own session; schema and rows agree"));
    }

    @Test
    void is_harmful_when_there_is_a_difference() throws Exception {
        assertThat(grade("content", Phase.INITIALIZING, "TABLE public.lost"))
                .isEqualTo(new GradedError("", MESSAGE, false, "there are differences, and it names no entry"));
    }

    @Test
    void is_harmless_with_a_tolerated_difference() throws Exception {
        assertThat(grade("content", Phase.PROCESSING_TOC, "TABLE public.tolerated")
                        .harmless())
                .isTrue();
    }

    @Test
    void is_harmful_with_a_difference_whose_toleration_has_expired() throws Exception {
        assertThat(grade("content", Phase.PROCESSING_TOC, "TABLE public.expired")
                        .harmless())
                .isFalse();
    }

    @Test
    void another_version_of_an_extension_can_be_tolerated() throws Exception {
        DatabaseComparison comparison = new DatabaseComparison(
                new PlanReader(name -> null, Path.of("")).read(Xml.tag("""
                                <configuration>
                                  <source><url>jdbc:postgresql://db/shop</url></source>
                                  <restore><toleratedDifferences>
                                    <toleratedDifference><object>EXTENSION hstore version</object><reason>x</reason></toleratedDifference>
                                  </toleratedDifferences></restore>
                                </configuration>""")), Baseline.Kind.SNAPSHOT, Contents.of());

        comparison.extensions(
                new ExtensionVersions(Map.of("hstore", "1.4"), Map.of("hstore", "1.7")),
                Map.of("hstore", "1.8"),
                false);

        assertThat(comparison.checks())
                .allMatch(Check::passed)
                .extracting(Check::tolerated)
                .contains(Optional.of("x"));
    }

    private static GradedError grade(String level, Phase phase, String... different) throws Exception {
        DatabaseComparison comparison = new DatabaseComparison(
                new PlanReader(name -> null, Path.of("")).read(Xml.tag("""
                                <configuration>
                                  <source><url>jdbc:postgresql://db/shop</url></source>
                                  <comparison>%s</comparison>
                                  <restore><toleratedDifferences>
                                    <toleratedDifference><object>TABLE public.tolerated</object><reason>x</reason></toleratedDifference>
                                    <toleratedDifference><object>TABLE public.expired</object><reason>x</reason><until>2026-01-01</until></toleratedDifference>
                                  </toleratedDifferences></restore>
                                </configuration>""".formatted(level))),
                Baseline.Kind.SNAPSHOT,
                Contents.of());
        List<Finding> differences = List.of(different).stream()
                .map(object -> new Finding(object, "", "present", "missing", 0, 0))
                .toList();
        comparison.definitions(new DescriptionFindings(differences, List.of(), Map.of(), List.of()));
        return comparison
                .grade(List.of(new RestoreError(null, phase, "", MESSAGE, null, "")))
                .get(0);
    }
}
