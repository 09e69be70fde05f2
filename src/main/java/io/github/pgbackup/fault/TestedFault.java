package io.github.pgbackup.fault;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The result of one fault.
 *
 * @param kind its tag
 * @param object the faulty object; empty for none
 * @param sentence what happened to the backup, as a clause
 * @param outcome for the expectations
 * @param reason why it is unviable or was not tried; null for others
 * @param caughtBy the expectations that noticed it, by kind and name
 * @param comparison the result of the comparison with a source; null when that was not done
 * @param archiveAlone the result of the comparison with only the archive; null when that was not done
 * @param inContentAlone whether only the content of rows differs, which {@code <comparison>content} compares
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

    /** The outcome of a fault. */
    public enum Outcome {
        /** An expectation failed. */
        CAUGHT,
        /** Every expectation still held. */
        MISSED,
        /** It changed nothing that can be observed. */
        UNVIABLE,
        /** There was not enough time for it. */
        NOT_TRIED
    }

    /**
     * The result of a comparison.
     *
     * @param difference the first object that differs; null for none
     */
    public record Answer(boolean caught, @Nullable String difference) {

        public static Answer of(@Nullable String difference) {
            return new Answer(difference != null, difference);
        }
    }

    public TestedFault {
        caughtBy = List.copyOf(caughtBy);
    }

    /** Whether it was caused and had an effect. */
    public boolean isViable() {
        return outcome == Outcome.CAUGHT || outcome == Outcome.MISSED;
    }

    /** A fault that was not caused, or had no effect. */
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
