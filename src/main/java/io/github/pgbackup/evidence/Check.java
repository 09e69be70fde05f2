package io.github.pgbackup.evidence;

import io.github.pgbackup.expectation.Claim;
import io.github.pgbackup.expectation.Expectation;
import io.github.pgbackup.expectation.Observation;
import org.jspecify.annotations.Nullable;

/**
 * One thing that was checked, and how it came out.
 *
 * @param group what it belongs to: {@code expectation}, {@code comparison}, {@code archive} …
 * @param name what was checked
 * @param observations the three figures of an expectation; null for the other checks
 * @param tolerated the reason why the difference that was found is accepted; null when none was found, or none is accepted
 * @param hint why an expectation failed, if the backup is not to blame: a sentence; null when nothing is known of that
 */
public record Check(
        String group,
        String name,
        String expected,
        String actual,
        boolean passed,
        @Nullable Observations observations,
        @Nullable String tolerated,
        @Nullable String hint)
        implements Fact {

    /** The group of the differences that a comparison finds. */
    public static final String COMPARISON = "comparison";

    /** What a check of that group is called that fails since a tolerated difference is not there. */
    public static final String UNMET = "tolerated difference ";

    /** The group of the checks by earlier runs. */
    public static final String HISTORY = "history";

    /** The check that a run can fail with nothing wrong with its backup. */
    public static final String GAP = "time since the last PASS";

    /**
     * What the archive, the restored database and the source under the snapshot say.
     *
     * @param archive method one
     * @param restored method two
     * @param source for comparison; it decides nothing
     */
    public record Observations(Observation archive, Observation restored, Observation source) {

        /** Neither method may contradict the claim, and at least one must confirm it. */
        boolean pass() {
            return !archive.fails() && !restored.fails() && (archive.holds() || restored.holds());
        }

        /** Whether the backup holds what the source has, and only the expectation says otherwise. */
        public boolean sourceContradicts() {
            boolean archiveAgrees = archive.state() == Observation.State.UNKNOWN
                    || archive.fails() && archive.text().equals(source.text());
            return archiveAgrees
                    && source.fails()
                    && restored.fails()
                    && restored.text().equals(source.text());
        }
    }

    public static Check of(String group, String name, String expected, String actual, boolean passed) {
        return new Check(group, name, expected, actual, passed, null, null, null);
    }

    /** A difference that the configuration accepts for this reason. */
    public static Check tolerated(String group, String name, String expected, String actual, String reason) {
        return new Check(group, name, expected, actual + " (tolerated: " + reason + ")", true, null, reason, null);
    }

    /** The check of a claim; the hint is for one that failed. */
    public static Check of(Expectation expectation, Claim claim, Observations observations, @Nullable String hint) {
        Observation archive = observations.archive();
        Observation restored = observations.restored();
        String actual =
                archive.state() == Observation.State.UNKNOWN || archive.text().equals(restored.text())
                        ? restored.text()
                        : restored.text() + " (archive: " + archive.text() + ")";
        String name = expectation.title() + ": " + claim.aspect();
        return new Check("expectation", name, claim.expected(), actual, observations.pass(), observations, null, hint);
    }

    /** Whether an expectation finds in the restored database what was backed up: no restore can make it better. */
    public boolean restoredAsInSource() {
        if (observations == null) {
            return false;
        }
        Observation original = observations.source().state() == Observation.State.UNKNOWN
                ? observations.archive()
                : observations.source();
        return observations.restored().text().equals(original.text());
    }

    /** Whether it is a difference between source, archive and restored database, which a configuration can tolerate. */
    public boolean isDifference() {
        // The object of a difference begins with its kind in capitals, as pg_dump writes it.
        return !passed && group.equals(COMPARISON) && !name.startsWith(UNMET);
    }

    /** What was checked, with the group that it belongs to where the name alone does not tell. */
    public String title() {
        return observations == null ? group + ": " + name : name;
    }

    /** The check in a sentence. */
    public String sentence() {
        return title() + ": expected " + expected + ", actual " + actual + ".";
    }
}
