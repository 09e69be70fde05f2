package io.github.pgbackup.fault;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What became of a fault.
 *
 * @param kind its tag
 * @param object what it was of; empty for one that was of no object
 * @param sentence what happened to the backup, in a clause
 * @param outcome by the expectations
 * @param reason why it is unviable or was not tried; null for the others
 * @param caughtBy the expectations that noticed it, by kind and name
 * @param comparison what the comparison with a source said of it; null when it was not asked
 * @param archiveAlone what the comparison with the archive alone said of it; null when it was not asked
 * @param inContentAlone whether nothing but the content of rows is another, which {@code <comparison>content} compares
 * @param suggestion an expectation that would catch it; null unless it was missed
 */
public record TestedFault(
        String kind,
        String object,
        String sentence,
        Outcome outcome,
        @Nullable String reason,
        List<String> caughtBy,
        @Nullable Answer comparison,
        @Nullable Answer archiveAlone,
        boolean inContentAlone,
        @Nullable Suggestion suggestion) {

    /** How a fault came out. */
    public enum Outcome {
        /** An expectation failed. */
        CAUGHT,
        /** Every expectation still held. */
        MISSED,
        /** It changed nothing that can be observed. */
        UNVIABLE,
        /** There was no time for it. */
        NOT_TRIED
    }

    /**
     * What a comparison said.
     *
     * @param difference the first object that it found to differ; null when it found none
     */
    public record Answer(boolean caught, @Nullable String difference) {

        public static Answer of(@Nullable String difference) {
            return new Answer(difference != null, difference);
        }
    }

    public TestedFault {
        caughtBy = List.copyOf(caughtBy);
    }

    /** One that was made, and changed something. */
    public boolean isViable() {
        return outcome == Outcome.CAUGHT || outcome == Outcome.MISSED;
    }

    /** One that was not made, or changed nothing. */
    public static TestedFault without(Fault fault, Outcome outcome, String reason) {
        return new TestedFault(
                fault.kind().tag(),
                fault.object(),
                fault.sentence(),
                outcome,
                reason,
                List.of(),
                null,
                null,
                false,
                null);
    }
}
