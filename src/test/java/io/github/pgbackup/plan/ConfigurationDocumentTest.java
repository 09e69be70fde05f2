package io.github.pgbackup.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgbackup.expectation.ObjectKind;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * {@code docs/configuration.md} names every tag that a reader accepts: those that it lists as known in its messages.
 */
final class ConfigurationDocumentTest {

    private static final Pattern ALLOWED = Pattern.compile("Known tags: (.*)\\.$");
    private static final String NO_TAG = "<noSuchTag/>";

    @Test
    void every_tag_that_a_goal_knows_is_in_the_document() throws Exception {
        String document = Files.readString(Path.of("docs/configuration.md"));
        List<String> problems = new ArrayList<>();
        for (String xml : List.of(
                NO_TAG,
                "<source>" + NO_TAG + "</source>",
                "<archive>" + NO_TAG + "</archive>",
                "<identity>" + NO_TAG + "</identity>",
                "<backup>" + NO_TAG + "</backup>",
                "<signature>" + NO_TAG + "</signature>",
                "<history><file>h</file>" + NO_TAG + "</history>",
                "<boundTo><commit>auto</commit>" + NO_TAG + "</boundTo>",
                "<restore>" + NO_TAG + "</restore>",
                "<restore><toleratedDifferences><toleratedDifference>" + NO_TAG
                        + "</toleratedDifference></toleratedDifferences></restore>",
                "<protectedEnvironments><protectedEnvironment>" + NO_TAG
                        + "</protectedEnvironment></protectedEnvironments>",
                "<expectations>" + NO_TAG + "</expectations>",
                "<expectations><query>" + NO_TAG + "</query></expectations>",
                "<expectations><column><values>" + NO_TAG + "</values></column></expectations>",
                "<expectations><column><values><value>" + NO_TAG + "</value></values></column></expectations>")) {
            problems.addAll(problems(xml, PlanReader::read));
        }
        for (ObjectKind kind : ObjectKind.values()) {
            problems.addAll(problems(
                    "<expectations><" + kind.tag() + ">" + NO_TAG + "</" + kind.tag() + "></expectations>",
                    PlanReader::read));
        }
        problems.addAll(problems("<rehearsal>" + NO_TAG + "</rehearsal>", PlanReader::readStart));
        problems.addAll(problems(NO_TAG, PlanReader::readEvidence));
        problems.addAll(problems(NO_TAG, PlanReader::readCapture));
        problems.addAll(problems(NO_TAG, PlanReader::readBackup));

        TreeSet<String> known = new TreeSet<>();
        for (String problem : problems) {
            Matcher allowed = ALLOWED.matcher(problem);
            if (problem.contains("<noSuchTag>") && allowed.find()) {
                known.addAll(List.of(allowed.group(1).replaceAll("[<>]", "").split(" ")));
            }
        }
        assertThat(known)
                .contains(
                        "keepArchive",
                        "reason",
                        "lastValue",
                        "maximumAge",
                        "maximumDistinct",
                        "command",
                        "maximumLifetime")
                .hasSizeGreaterThan(60)
                .allSatisfy(tag ->
                        assertThat(document).as("docs/configuration.md").containsPattern("[`<,/ ]" + tag + "[`>,/ ]"));
    }

    private interface Reading {
        Object read(PlanReader reader, Tag tag) throws InvalidConfigurationException;
    }

    private static List<String> problems(String xml, Reading reading) {
        try {
            Object plan = reading.read(
                    new PlanReader(Map.<String, String>of()::get, Path.of("base")),
                    Xml.tag("<configuration>" + xml + "</configuration>"));
            throw new AssertionError(xml + " was taken: " + plan);
        } catch (InvalidConfigurationException e) {
            return e.problems();
        }
    }
}
