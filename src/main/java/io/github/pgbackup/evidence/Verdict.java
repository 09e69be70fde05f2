package io.github.pgbackup.evidence;

/** The outcome of a run. */
public enum Verdict {
    /** Every check passed. */
    PASS,
    /** The verification ran, and at least one check failed. */
    FAIL,
    /** The verification did not run to its end; nothing is known about the backup. */
    NOT_VERIFIED
}
