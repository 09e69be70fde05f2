package io.github.pgbackup.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The documents for auditors name only what the evidence contains: each field of {@code verification.json} is in its
 * schema.
 */
final class ComplianceDocumentTest {

    private static final Pattern FIELD = Pattern.compile("`([a-z]+[A-Za-z0-9]*(?:\\.[a-z][A-Za-z0-9]*)*)`");

    /** Other words in the same font: options, and names of the plugin. */
    private static final List<String> OTHERS = List.of(
            "verification.json",
            "verification.intoto.jsonl",
            "comparison",
            "content",
            "local",
            "container",
            "attach",
            "maximumGap");

    @ParameterizedTest
    @ValueSource(strings = {"docs/compliance.md", "docs/trust.md"})
    void every_named_field_is_in_the_evidence(String document) throws Exception {
        List<String> members = Files.readAllLines(Path.of("src/test/resources/verification-members.txt"));

        assertThat(fields(document))
                .hasSizeGreaterThan(10)
                .allSatisfy(field -> assertThat(members).contains(field));
    }

    /**
     * Only in tables and, in the guide, only in the last one: the others name tags and members of the signed statement.
     */
    private static List<String> fields(String document) throws Exception {
        String text = Files.readString(Path.of(document));
        String part = document.endsWith("trust.md") ? text.substring(text.indexOf("## For auditors")) : text;
        return part.lines()
                .filter(line -> line.startsWith("|"))
                .flatMap(line -> FIELD.matcher(line).results().map(found -> found.group(1)))
                .filter(field -> !OTHERS.contains(field))
                .distinct()
                .toList();
    }

    @Test
    void the_commands_of_both_documents_name_properties_that_a_goal_reads() throws Exception {
        List<String> properties = Stream.of("docs/compliance.md", "docs/trust.md")
                .flatMap(document -> {
                    try {
                        return Pattern.compile("-D(pgbackup[\\w.]*\\w)")
                                .matcher(Files.readString(Path.of(document)))
                                .results()
                                .map(found -> found.group(1));
                    } catch (java.io.IOException e) {
                        throw new java.io.UncheckedIOException(e);
                    }
                })
                .toList();

        assertThat(properties).hasSizeGreaterThan(5);
        assertThat(io.github.pgbackup.plan.PlanReader.unknownProperties(properties))
                .isEmpty();
    }
}
