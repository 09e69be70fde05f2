package io.github.pgbackup.mojo;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.codehaus.plexus.util.xml.Xpp3Dom;
import org.jspecify.annotations.Nullable;

/**
 * Finds what Maven loses when it merges a list of one POM with that of another, or the list of an execution with that
 * of the plugin. Without {@code combine.children}, Maven merges the first {@code <table>} of one list into the first
 * {@code <table>} of the other, whatever their names are, and drops the rest of the inherited list.
 *
 * @param written all configurations that are merged; the first one wins
 * @param merged the result
 */
record MergedLists(List<WrittenConfiguration> written, Xpp3Dom merged) {

    private static final String OVERRIDE = "override";

    /** A property. Its value is not known until Maven has interpolated the POM. */
    private static final Pattern PROPERTY = Pattern.compile("\\$\\{[^}]*}");

    /**
     * A list in which every element counts.
     *
     * @param path tags that lead to it
     * @param key tag that identifies an element
     * @param remedy an alternative to Maven's own attributes
     */
    private record ListTag(List<String> path, String key, String remedy) {

        String tags() {
            return path.stream().map(name -> "<" + name + ">").collect(Collectors.joining());
        }

        /** The list in a configuration; null if there is none, or if there are several, which is reported elsewhere. */
        @Nullable Xpp3Dom in(Xpp3Dom configuration) {
            Xpp3Dom at = configuration;
            for (String name : path) {
                Xpp3Dom[] children = at.getChildren(name);
                if (children.length != 1) {
                    return null;
                }
                at = children[0];
            }
            return at;
        }
    }

    private static final List<ListTag> LISTS = List.of(
            new ListTag(
                    List.of("expectations"),
                    "name",
                    ", or keep them in files, which are always added: <expectationsFiles>, -Dpgbackup.expectationsFiles"),
            new ListTag(List.of("protectedEnvironments"), "name", ""),
            new ListTag(List.of("restore", "toleratedDifferences"), "object", ""));

    private record Written(String where, Xpp3Dom list) {}

    /** A sentence for each list that lost something, with what to write instead. */
    List<String> losses() {
        return LISTS.stream().flatMap(this::losses).toList();
    }

    private Stream<String> losses(ListTag tag) {
        List<Written> lists = lists(tag);
        Xpp3Dom result = tag.in(merged);
        if (lists.size() < 2 || result == null) {
            return Stream.empty();
        }
        Set<String> lost = new LinkedHashSet<>();
        for (Written each : lists) {
            Arrays.stream(each.list().getChildren())
                    .filter(element -> Stream.of(result.getChildren()).noneMatch(other -> isSame(tag, element, other)))
                    .map(element -> label(tag, element) + " of " + each.where() + " is lost")
                    .forEach(lost::add);
        }
        List<Xpp3Dom> all = lists.stream()
                .flatMap(each -> Stream.of(each.list().getChildren()))
                .toList();
        for (Xpp3Dom element : result.getChildren()) {
            List<Xpp3Dom> same =
                    all.stream().filter(each -> isSame(tag, each, element)).toList();
            Stream.of(element.getChildren())
                    .filter(child -> same.stream()
                            .flatMap(each -> Stream.of(each.getChildren(child.getName())))
                            .noneMatch(each -> isEqual(each, child)))
                    .map(child -> label(tag, element) + " is given the <" + child.getName() + "> of another")
                    .forEach(lost::add);
        }
        return lost.isEmpty()
                ? Stream.empty()
                : Stream.of(tag.tags() + " is written in "
                        + lists.stream().map(Written::where).collect(Collectors.joining(" and in "))
                        + ", and Maven merges such lists element by element: " + String.join("; ", lost)
                        + ". To add to the inherited list write <" + last(tag)
                        + " combine.children=\"append\">, to replace it <" + last(tag) + " combine.self=\"override\">"
                        + tag.remedy() + ".");
    }

    private static String last(ListTag tag) {
        return tag.path().get(tag.path().size() - 1);
    }

    /** The written lists, up to the one that overrides all others. */
    private List<Written> lists(ListTag tag) {
        List<Written> lists = new ArrayList<>();
        for (WrittenConfiguration each : written) {
            Xpp3Dom list = tag.in(each.configuration());
            if (list != null) {
                lists.add(new Written(each.where(), list));
            }
            if (overrides(tag, each.configuration())) {
                break;
            }
        }
        return lists;
    }

    private static boolean overrides(ListTag tag, Xpp3Dom configuration) {
        Xpp3Dom at = configuration;
        for (String name : tag.path()) {
            if (at == null || OVERRIDE.equals(at.getAttribute("combine.self"))) {
                return at != null;
            }
            at = at.getChild(name);
        }
        return at != null && OVERRIDE.equals(at.getAttribute("combine.self"));
    }

    private static String label(ListTag tag, Xpp3Dom element) {
        Xpp3Dom key = element.getChild(tag.key());
        return "<" + element.getName() + ">"
                + (key == null || key.getValue() == null
                        ? ""
                        : " '" + key.getValue().trim() + "'");
    }

    private static boolean isSame(ListTag tag, Xpp3Dom written, Xpp3Dom other) {
        Xpp3Dom key = written.getChild(tag.key());
        Xpp3Dom otherKey = other.getChild(tag.key());
        return written.getName().equals(other.getName())
                && (key == null || otherKey == null ? key == null && otherKey == null : isEqual(key, otherKey));
    }

    /** Whether the merged element is what was written. */
    private static boolean isEqual(Xpp3Dom written, Xpp3Dom other) {
        if (!written.getName().equals(other.getName()) || written.getChildCount() != other.getChildCount()) {
            return false;
        }
        for (int i = 0; i < written.getChildCount(); i++) {
            if (!isEqual(written.getChild(i), other.getChild(i))) {
                return false;
            }
        }
        String pattern =
                Stream.of(PROPERTY.split(text(written), -1)).map(Pattern::quote).collect(Collectors.joining(".*"));
        return Pattern.compile(pattern, Pattern.DOTALL).matcher(text(other)).matches();
    }

    private static String text(Xpp3Dom tag) {
        return tag.getValue() == null ? "" : tag.getValue().trim();
    }
}
