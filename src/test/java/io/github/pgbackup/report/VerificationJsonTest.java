package io.github.pgbackup.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.github.pgbackup.evidence.Check;
import io.github.pgbackup.evidence.VerificationReport;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.RecordComponent;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class VerificationJsonTest {

    private final Schema schema = schema();

    private static Schema schema() {
        return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                .getSchema(schemaText(), InputFormat.JSON);
    }

    private static String schemaText() {
        try (InputStream file = VerificationJson.class.getResourceAsStream("verification.schema.json")) {
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
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
        assertThat(violations(VerificationJson.of(Reports.ofArchive()))).isEmpty();
        assertThat(violations(VerificationJson.of(Reports.ofManifest()))).isEmpty();
        assertThat(violations(VerificationJson.of(Reports.handedOver()))).isEmpty();
    }

    @Test
    void every_member_of_the_schema_is_in_a_report_in_which_every_part_is_there() {
        Set<String> written = new TreeSet<>();
        Stream.of(
                        Reports.failed(),
                        Reports.notVerified(),
                        Reports.tolerated(),
                        Reports.outOfDate(),
                        Reports.ofArchive(),
                        Reports.ofManifest(),
                        Reports.handedOver())
                .map(report -> JsonParser.parseString(VerificationJson.of(report)))
                .forEach(json -> collect(json, "", written));
        assertThat(members(schemaText())).allMatch(written::contains, "is written");
    }

    /** Without this test, a new part of the report could be missing from the file. */
    @Test
    void every_part_of_a_report_has_a_member_or_a_file_of_its_own() {
        Map<String, String> elsewhere = Map.of(
                "comparison", "ledger",
                "command", "method.dump",
                "parameters", "method.parameters",
                "queries", "method.queries");
        List<String> parts = Stream.of(VerificationReport.class.getRecordComponents())
                .map(section ->
                        section.getName().equals("context") ? VerificationReport.Context.class : section.getType())
                .flatMap(section -> Stream.of(section.getRecordComponents()))
                .map(RecordComponent::getName)
                .filter(part -> !Set.of("expectationTest", "rehearsal").contains(part))
                .map(part -> elsewhere.getOrDefault(part, part))
                .toList();

        assertThat(members(schemaText())).containsAll(parts);
    }

    /**
     * The rule of versions (docs/how-it-works.md): adding a member increases the second part of the version, removing
     * one the first part. Then write the list again.
     */
    @Test
    void an_added_or_removed_member_changes_the_version() throws IOException {
        try (InputStream list = VerificationJsonTest.class.getResourceAsStream("/verification-members.txt")) {
            assertThat("schemaVersion " + VerificationJson.SCHEMA_VERSION + "\n"
                            + String.join("\n", members(schemaText())) + "\n")
                    .isEqualTo(new String(list.readAllBytes(), StandardCharsets.UTF_8));
        }
        assertThat(schemaText())
                .contains("\"$id\": \"urn:io.github.pgbackup:verification:" + VerificationJson.SCHEMA_VERSION + "\"");
    }

    @Test
    void reports_of_older_minor_versions_are_still_valid() {
        String older = VerificationJson.of(Reports.failed())
                .replace("\"" + VerificationJson.SCHEMA_VERSION + "\"", "\"1.1\"")
                .replaceAll(",\n *\"server\": \"[^\"]*\"", "")
                .replaceAll(",\n *\"stored\": \\{[^}]*}", "")
                .replaceAll(",\n *\"given\": \\{[^}]*}", "")
                .replaceAll("\n *\"baseline\": [^\n]*", "")
                .replaceAll("(?s),\n  \"method\": \\{.*\n  }", "")
                .replaceAll("\n *\"takenAfter\": [^\n]*", "")
                .replaceAll("\n *\"differences\": \\{[^}]*},", "")
                .replaceAll(",\n *\"(source|restored)Bytes\": \\d+", "");

        assertThat(older)
                .doesNotContain("Bytes", "takenAfter", "differences\"", "\"server\"", "\"stored\"", "\"method\"");
        assertThat(violations(older)).isEmpty();
    }

    @Test
    void a_hostile_name_is_preserved() {
        VerificationReport report = Reports.withChecks(Check.difference(Reports.HOSTILE, Reports.HOSTILE, "x"));

        String name = JsonParser.parseString(VerificationJson.of(report))
                .getAsJsonObject()
                .getAsJsonArray("checks")
                .get(0)
                .getAsJsonObject()
                .get("name")
                .getAsString();

        assertThat(name).isEqualTo(Reports.HOSTILE);
        assertThat(violations(VerificationJson.of(report))).isEmpty();
    }

    /** Paths of all members, {@code checks.figures.archive.state}, with a star for names that the schema does not fix. */
    private static Set<String> members(String schema) {
        Set<String> members = new TreeSet<>();
        collectSchema(JsonParser.parseString(schema).getAsJsonObject(), "", members);
        return members;
    }

    private static void collectSchema(JsonObject schema, String path, Set<String> members) {
        if (schema.has("items")) {
            collectSchema(schema.getAsJsonObject("items"), path, members);
        }
        if (schema.has("properties")) {
            schema.getAsJsonObject("properties").entrySet().forEach(each -> {
                members.add(path + each.getKey());
                collectSchema(each.getValue().getAsJsonObject(), path + each.getKey() + ".", members);
            });
        }
    }

    private static void collect(JsonElement json, String path, Set<String> members) {
        if (json.isJsonArray()) {
            json.getAsJsonArray().forEach(each -> collect(each, path, members));
        } else if (json.isJsonObject()) {
            json.getAsJsonObject().entrySet().forEach(each -> {
                members.add(path + each.getKey());
                collect(each.getValue(), path + each.getKey() + ".", members);
            });
        }
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
