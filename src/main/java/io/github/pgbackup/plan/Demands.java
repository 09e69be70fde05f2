package io.github.pgbackup.plan;

import io.github.pgbackup.Sha256;
import io.github.pgbackup.restore.PgRestore;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a backup had to satisfy to pass: the part of a configuration that decides how much a verdict is worth.
 *
 * @param sha256 of all of it, so that two configurations can be compared where only one is at hand. The order of tags and
 *     the white space around values do not matter; {@code 86} and {@code [86,86]} are not the same
 * @param comparison how much of the restored database is compared
 * @param roles whether owners and privileges are restored, and so compared
 * @param maximumDuration the recovery-time budget; null: none
 * @param expectations how many there are
 * @param toleratedDifferences how many there are
 */
public record Demands(
        String sha256,
        String comparison,
        String roles,
        @Nullable Duration maximumDuration,
        int expectations,
        int toleratedDifferences) {

    /**
     * The demands of a configuration.
     *
     * @param expected the tags in {@code <expectations>}, as the user wrote them, in whatever place
     */
    static Demands of(
            Comparison comparison,
            PgRestore.Roles roles,
            @Nullable Duration maximumDuration,
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
                                maximumDuration == null ? "" : maximumDuration.toString(),
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

    /** The reason is for people; a better wording accepts nothing more. */
    private static Tag tag(ToleratedDifference each) {
        return new Tag(each.object(), each.until() == null ? "" : each.until().toString(), List.of());
    }

    /** Each text with its length before it, so that no text can pass for two; children in an order of their own. */
    private static String canonical(Tag tag) {
        return text(tag.name())
                + text(tag.value() == null ? "" : tag.value())
                + text(tag.children().stream().map(Demands::canonical).sorted().collect(Collectors.joining()));
    }

    private static String text(String text) {
        return text.length() + ":" + text;
    }

    /** In a few words, for a message. */
    public String describe() {
        return "comparison " + comparison + ", roles " + roles
                + (maximumDuration == null ? "" : ", restore within " + maximumDuration) + ", " + expectations
                + " expectations, " + toleratedDifferences + " tolerated differences";
    }
}
