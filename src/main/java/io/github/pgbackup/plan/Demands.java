package io.github.pgbackup.plan;

import io.github.pgbackup.Sha256;
import io.github.pgbackup.restore.PgRestore;
import io.github.pgbackup.text.ExactDuration;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The requirements that a backup had to meet: the part of a configuration that decides how much a verdict is worth.
 *
 * @param sha256 a hash of all requirements, so that two configurations can be compared when only one is available. The
 *     order of tags and white space around values do not matter, but {@code 86} and {@code [86,86]} are different
 * @param comparison how much of the restored database is compared
 * @param roles whether owners and privileges are restored and compared
 * @param maximumDuration the recovery time budget, if there is one
 * @param expectations number of expectations
 * @param toleratedDifferences number of tolerated differences
 */
public record Demands(
        String sha256,
        String comparison,
        String roles,
        Optional<Duration> maximumDuration,
        int expectations,
        int toleratedDifferences) {

    /**
     * The requirements of a configuration.
     *
     * @param expected the tags in {@code <expectations>} as the user wrote them, in the POM or in files
     */
    static Demands of(
            Comparison comparison,
            PgRestore.Roles roles,
            Optional<Duration> maximumDuration,
            List<ToleratedDifference> tolerated,
            List<Tag> expected) {
        Tag all = new Tag(
                "demands",
                null,
                List.of(
                        new Tag("comparison", comparison.toString(), List.of()),
                        new Tag("roles", roles.toString(), List.of()),
                        new Tag(
                                "maximumDuration",
                                maximumDuration.map(Duration::toString).orElse(""),
                                List.of()),
                        new Tag(
                                "toleratedDifferences",
                                null,
                                tolerated.stream().map(Demands::tag).toList()),
                        new Tag("expectations", null, expected)));
        return new Demands(
                Sha256.of(canonical(all)),
                comparison.toString(),
                roles.toString(),
                maximumDuration,
                expected.size(),
                tolerated.size());
    }

    /** Omits the reason: it is for people, and rewording it tolerates nothing more. */
    private static Tag tag(ToleratedDifference each) {
        return new Tag(each.object(), each.until() == null ? "" : each.until().toString(), List.of());
    }

    /** Each text is prefixed with its length, so that texts cannot run together; children are sorted. */
    private static String canonical(Tag tag) {
        return text(tag.name())
                + text(tag.value() == null ? "" : tag.value())
                + text(tag.children().stream().map(Demands::canonical).sorted().collect(Collectors.joining()));
    }

    private static String text(String text) {
        return text.length() + ":" + text;
    }

    /** A short text for a message. */
    public String describe() {
        return "comparison " + comparison + ", roles " + roles
                + maximumDuration
                        .map(maximum -> ", restore within " + ExactDuration.of(maximum))
                        .orElse("") + ", " + expectations
                + " expectations, " + toleratedDifferences + " tolerated differences";
    }
}
