package io.github.pgbackup.expectation;

/**
 * What one side (archive, restored database or source) says about a claim.
 *
 * @param state whether the claim holds there
 * @param text the observed value, or why there is none
 */
public record Observation(State state, String text) {

    /** The result of an observation. */
    public enum State {
        HOLDS,
        FAILS,
        /** This side cannot know: an archive, for example, holds no rows of a view. */
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
