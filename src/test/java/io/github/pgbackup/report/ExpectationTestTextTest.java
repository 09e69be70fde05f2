package io.github.pgbackup.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.github.pgbackup.fault.ExpectationTest;
import io.github.pgbackup.fault.FaultKind;
import io.github.pgbackup.fault.TestedFault.Answer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ExpectationTestTextTest {

    @Test
    void the_table_has_a_line_for_each_kind_and_fits_eighty_columns() {
        List<String> lines =
                ExpectationTestText.lines(ExpectationTests.of("public." + "long".repeat(30)), 80 - "[INFO] ".length());

        assertThat(lines).allMatch(line -> line.length() <= 80 - "[INFO] ".length());
        for (FaultKind kind : FaultKind.values()) {
            assertThat(lines)
                    .filteredOn(line -> line.strip().startsWith(kind.tag() + " "))
                    .singleElement()
                    .asString()
                    .matches(".* 2 +1 +2 +0");
        }
        assertThat(lines).anyMatch(line -> line.matches("  all +" + 2 * FaultKind.values().length + " +.*"));
        assertThat(lines).contains("  The expectations catch 50 %; 34 changed nothing, 34 were not tried.");
    }

    @Test
    void a_miss_says_what_else_notices_it() {
        Answer caught = Answer.of("TABLE DATA public.a");
        Answer missed = Answer.of(null);

        assertThat(advice("snapshot", caught, missed, false))
                .isEqualTo("No expectation notices that all rows of public.a are gone. Only the comparison does.");
        assertThat(advice("none", caught, missed, false))
                .isEqualTo("No expectation notices that all rows of public.a are gone. A comparison with the source"
                        + " would, but the run made none.");
        assertThat(advice("none", caught, caught, false)).endsWith(" are gone. Only the comparison does.");
        assertThat(advice("snapshot", missed, missed, true))
                .endsWith(" are gone. Nothing else does; <comparison>content would.");
        assertThat(advice("snapshot", missed, missed, false)).endsWith(" are gone. Nothing else does.");
    }

    private static String advice(String baseline, Answer source, Answer archiveAlone, boolean inContentAlone) {
        ExpectationTest test = new ExpectationTest(1, Duration.ZERO, Duration.ZERO, baseline, "rows", null, List.of());
        return ExpectationTestText.sentence(test, ExpectationTests.missed(source, archiveAlone, inContentAlone));
    }

    @Test
    void the_json_is_valid_against_its_schema() throws IOException {
        Schema schema = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                .getSchema(
                        new String(
                                ExpectationTestJson.class
                                        .getResourceAsStream("expectation-test.schema.json")
                                        .readAllBytes(),
                                StandardCharsets.UTF_8),
                        InputFormat.JSON);
        String json = ExpectationTestJson.of(ExpectationTests.of(Reports.HOSTILE));

        assertThat(schema.validate(json, InputFormat.JSON)).isEmpty();
        assertThat(schema.validate(json.replace("\"missed\",", "\"lost\","), InputFormat.JSON))
                .isNotEmpty();
        assertThat(json).contains("\"schemaVersion\": \"" + ExpectationTestJson.SCHEMA_VERSION);
    }

    @Test
    void expectations_of_one_object_are_written_as_one() {
        String xml = ExpectationsXml.ofAll(
                List.of(
                        new io.github.pgbackup.fault.Suggestion("table", java.util.Map.of("name", "public.a")),
                        new io.github.pgbackup.fault.Suggestion(
                                "table",
                                new java.util.TreeMap<>(java.util.Map.of("name", "public.a", "rows", "[1,)")))),
                "comment");

        assertThat(xml).isEqualTo("""
                <!-- comment -->
                <expectations xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
                              xsi:noNamespaceSchemaLocation="https://raw.githubusercontent.com/pgbackup/pgbackup-maven-plugin/main/docs/expectations.xsd">
                    <table>
                        <name>public.a</name>
                        <rows>[1,)</rows>
                    </table>
                </expectations>
                """);
    }

    /** Whoever adds a kind must document the failure that it stands for. */
    @Test
    void the_document_lists_every_kind_with_the_failure_that_it_stands_for() throws IOException {
        String document = Files.readString(Path.of("docs/expectation-test.md"));
        for (FaultKind kind : FaultKind.values()) {
            assertThat(document).contains("| `" + kind.tag() + "` | " + kind.standsFor() + " |\n");
        }
    }
}
