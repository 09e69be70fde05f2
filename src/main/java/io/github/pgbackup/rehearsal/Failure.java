package io.github.pgbackup.rehearsal;

import io.github.pgbackup.postgres.SqlState;

/**
 * Why a statement failed, in the server's words.
 *
 * @param state SQLSTATE
 * @param hint empty if there is none
 * @param nested whether a statement inside a function failed, which the client did not send
 */
record Failure(String state, String message, String hint, boolean nested) {

    private static final String INSUFFICIENT_PRIVILEGE = "42501";

    /** Whether the role lacked a right. */
    boolean isForARight() {
        return state.equals(INSUFFICIENT_PRIVILEGE);
    }

    /** Data exceptions, violated constraints and errors raised by functions can quote values of rows. */
    String text() {
        return SqlState.of(state).mayQuoteValues() ? "SQLSTATE " + state : message + " (SQLSTATE " + state + ")";
    }
}
