package io.github.pgbackup.evidence;

import io.github.pgbackup.expectation.Claim;
import io.github.pgbackup.expectation.Expectation;
import io.github.pgbackup.expectation.Observation;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A check and its result.
 *
 * @param group the group of the check: {@code expectation}, {@code comparison}, {@code archive} …
 * @param name what was checked
 * @param ofDifference whether it checks a difference between source, archive and restored database, which a configuration can
 *     tolerate; its name is that of the object then, as pg_dump writes it
 * @param observations the three observations of an expectation; empty for other checks
 * @param tolerated the reason why a difference is accepted; empty when there is no accepted difference
 * @param hint a sentence that says why an expectation failed although the backup is good; empty when no such reason is known
 */
public record Check(
        String group,
        String name,
        String expected,
        String actual,
        boolean passed,
        boolean ofDifference,
        Optional<Observations> observations,
        Optional<String> tolerated,
        Optional<String> hint)
        implements Fact {

    /** The group of the differences that a comparison finds. */
    public static final String COMPARISON = "comparison";

    /** The group of the comparisons with earlier runs. */
    public static final String HISTORY = "history";

    /** The check that can fail although the backup is good. */
    public static final String GAP = "time since the last PASS";

    /**
     * What the archive, the restored database and the source under the snapshot say.
     *
     * @param archive method one
     * @param restored method two
     * @param source for comparison only
     */
    public record Observations(Observation archive, Observation restored, Observation source) {

        /** Neither method may contradict the claim, and at least one must confirm it. */
        boolean pass() {
            return !archive.fails() && !restored.fails() && (archive.holds() || restored.holds());
        }

        private boolean restoredAsInSource() {
            Observation original = source.state() == Observation.State.UNKNOWN ? archive : source;
            return restored.text().equals(original.text());
        }

        /** Whether the backup agrees with the source, and only the expectation does not. */
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
        return new Check(
                group, name, expected, actual, passed, false, Optional.empty(), Optional.empty(), Optional.empty());
    }

    /** A difference that the configuration does not accept. */
    public static Check difference(String object, String expected, String actual) {
        return new Check(
                COMPARISON,
                object,
                expected,
                actual,
                false,
                true,
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    /** A difference that the configuration accepts for this reason. */
    public static Check tolerated(String object, String expected, String actual, String reason) {
        return new Check(
                COMPARISON,
                object,
                expected,
                actual + " (tolerated: " + reason + ")",
                true,
                true,
                Optional.empty(),
                Optional.of(reason),
                Optional.empty());
    }

    /** The check of a claim; the hint explains a failure. */
    public static Check of(Expectation expectation, Claim claim, Observations observations, Optional<String> hint) {
        Observation archive = observations.archive();
        Observation restored = observations.restored();
        String actual =
                archive.state() == Observation.State.UNKNOWN || archive.text().equals(restored.text())
                        ? restored.text()
                        : restored.text() + " (archive: " + archive.text() + ")";
        String name = expectation.title() + ": " + claim.aspect();
        return new Check(
                "expectation",
                name,
                claim.expected(),
                actual,
                observations.pass(),
                false,
                Optional.of(observations),
                Optional.empty(),
                hint);
    }

    /** Whether the restored database agrees with what was backed up, so that another restore cannot change the result. */
    public boolean restoredAsInSource() {
        return observations.filter(Observations::restoredAsInSource).isPresent();
    }

    /** Whether it is a difference that the configuration does not accept. */
    public boolean isDifference() {
        return ofDifference && !passed;
    }

    /** What was checked, with its group if the name alone is not clear. */
    public String title() {
        return observations.isPresent() ? name : group + ": " + name;
    }

    /** The check as a sentence. */
    public String sentence() {
        return title() + ": expected " + expected + ", actual " + actual + ".";
    }

    @Override
    public VerificationReport addTo(VerificationReport report) {
        return report.withChecks(
                Stream.concat(report.checks().stream(), Stream.of(this)).toList());
    }
}
