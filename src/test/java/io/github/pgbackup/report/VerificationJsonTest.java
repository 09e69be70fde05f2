package io.github.pgbackup.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.github.pgbackup.verification.VerificationReport;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class VerificationJsonTest {

    private final Schema schema = schema();

    private static Schema schema() {
        try (InputStream file = VerificationJson.class.getResourceAsStream("verification.schema.json")) {
            String text = new String(file.readAllBytes(), StandardCharsets.UTF_8);
            return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                    .getSchema(text, InputFormat.JSON);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private List<String> violations(String json) {
        return schema.validate(json, InputFormat.JSON).stream()
                .map(Object::toString)
                .toList();
    }

    @Test
    void a_full_report_is_valid_against_the_schema() {
        assertThat(violations(VerificationJson.of(Reports.failed()))).isEmpty();
    }

    @Test
    void the_report_of_an_invalid_configuration_is_valid_against_the_schema() {
        assertThat(violations(VerificationJson.of(VerificationReport.invalid("1.0.0", List.of("no source")))))
                .isEmpty();
    }

    @Test
    void the_schema_refuses_another_verdict_a_missing_problem_and_an_unknown_member() {
        String json = VerificationJson.of(Reports.failed());

        assertThat(violations(json.replace("\"FAIL\"", "\"GREEN\""))).isNotEmpty();
        assertThat(violations(json.replace("\"FAIL\"", "\"NOT_VERIFIED\""))).isNotEmpty();
        assertThat(violations(json.replace("\"warnings\"", "\"warning\""))).isNotEmpty();
    }

    @Test
    void times_are_iso_8601_and_states_are_words() {
        assertThat(VerificationJson.of(Reports.failed()))
                .contains("\"startedAt\": \"2026-11-23T22:07:54.747Z\"")
                .contains("\"duration\": \"PT2.685S\"")
                .contains("\"state\": \"holds\"");
    }
}
