package io.github.pgbackup.rehearsal;

import java.util.stream.Stream;

/**
 * Why a statement failed, as the server said it.
 *
 * @param state SQLSTATE
 * @param hint empty when there is none
 * @param nested whether it happened in a statement of a function, which the client did not send
 */
record Failure(String state, String message, String hint, boolean nested) {

    private static final String INSUFFICIENT_PRIVILEGE = "42501";

    /** Whether a right was missing. */
    boolean isForARight() {
        return state.equals(INSUFFICIENT_PRIVILEGE);
    }

    /** Data exceptions, violated constraints and errors raised by functions can quote values of rows. */
    String text() {
        boolean mayQuote = Stream.of("22", "23", "P0").anyMatch(state::startsWith);
        return mayQuote ? "SQLSTATE " + state : message + " (SQLSTATE " + state + ")";
    }
}
