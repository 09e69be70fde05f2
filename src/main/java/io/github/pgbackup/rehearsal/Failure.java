package io.github.pgbackup.rehearsal;

import io.github.pgbackup.postgres.SqlState;

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
        return SqlState.of(state).mayQuoteValues() ? "SQLSTATE " + state : message + " (SQLSTATE " + state + ")";
    }
}
