package io.github.pgbackup.plan;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Finds out what the reader of a goal really accepts: each tag that it looks up gets an unknown
 * child, and the reader then reports the tags that it knows there.
 */
final class StrictReader {

    /** Mutually exclusive tags need separate configurations. */
    private static final List<String> CONTEXTS = List.of(
            "<configuration/>",
            "<configuration><source><container>c</container><database>d</database></source></configuration>",
            "<configuration><archive><file>f</file></archive></configuration>");

    interface Reading {
        @Nullable Object read(PlanReader reader, Tag tag) throws InvalidConfigurationException;
    }

    /** By goal. */
    static final Map<String, Reading> READINGS = Map.of(
            "verify-backup", PlanReader::read,
            "test-expectations", PlanReader::readTest,
            "start", PlanReader::readStart,
            "stop",
                    (reader, tag) -> {
                        reader.readStop(tag);
                        return null;
                    },
            "check-evidence", PlanReader::readEvidence,
            "capture-expectations", PlanReader::readCapture,
            "take-backup", PlanReader::readBackup,
            "attach",
                    (reader, tag) -> {
                        reader.readAttachment(tag);
                        return null;
                    });

    private StrictReader() {}

    /** The paths of all tags that a goal accepts. */
    static Set<String> tags(String goal) {
        Set<String> known = new TreeSet<>();
        for (String context : CONTEXTS) {
            Deque<String> ahead = new ArrayDeque<>(List.of(""));
            Set<String> seen = new TreeSet<>();
            while (!ahead.isEmpty()) {
                Tag probed = with(Xml.tag(context), names(ahead.pop()));
                for (String path : asked(goal, probed)) {
                    if (seen.add(path)) {
                        ahead.push(path);
                    }
                }
            }
            known.addAll(seen);
        }
        known.removeIf(path -> path.contains("<noSuchTag>"));
        return known;
    }

    private static Set<String> asked(String goal, Tag configuration) {
        PlanReader reader = new PlanReader(Map.<String, String>of()::get, Path.of("base"));
        problems(goal, reader, configuration);
        return reader.known();
    }

    /** The problems of a configuration for a goal. */
    static List<String> problems(String goal, String xml) {
        return problems(
                goal,
                new PlanReader(Map.<String, String>of()::get, Path.of("base")),
                Xml.tag("<configuration>" + xml + "</configuration>"));
    }

    private static List<String> problems(String goal, PlanReader reader, Tag configuration) {
        try {
            READINGS.get(goal).read(reader, configuration);
            return List.of();
        } catch (InvalidConfigurationException e) {
            return e.problems();
        }
    }

    /** A path's names. */
    static List<String> names(String path) {
        return path.isEmpty()
                ? List.of()
                : Arrays.asList(path.substring(1, path.length() - 1).split("><", -1));
    }

    /** The tag with an additional unknown tag below a path. */
    private static Tag with(Tag tag, List<String> names) {
        List<Tag> children = new ArrayList<>(tag.children());
        if (names.isEmpty()) {
            children.add(new Tag("noSuchTag", null, List.of()));
            return new Tag(tag.name(), null, children);
        }
        String name = names.get(0);
        int at = -1;
        for (int i = 0; i < children.size(); i++) {
            at = children.get(i).name().equals(name) ? i : at;
        }
        if (at < 0) {
            at = children.size();
            children.add(new Tag(name, null, List.of()));
        }
        children.set(at, with(children.get(at), names.subList(1, names.size())));
        return new Tag(tag.name(), tag.value(), children);
    }
}
