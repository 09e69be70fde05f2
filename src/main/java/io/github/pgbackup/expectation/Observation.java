package io.github.pgbackup.expectation;

/**
 * What one side (archive, restored database, source) says about a claim.
 *
 * @param state whether the claim holds there
 * @param text the figure, or why there is none
 */
public record Observation(State state, String text) {

    /** What a figure says of its claim. */
    public enum State {
        HOLDS,
        FAILS,
        /** This side cannot say, by its nature: an archive holds no rows of a view. */
        UNKNOWN
    }

    static Observation of(boolean holds, String text) {
        return new Observation(holds ? State.HOLDS : State.FAILS, text);
    }

    public static Observation unknown(String why) {
        return new Observation(State.UNKNOWN, why);
    }

    public boolean fails() {
        return state == State.FAILS;
    }

    public boolean holds() {
        return state == State.HOLDS;
    }
}
