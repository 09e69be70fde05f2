package io.github.pgbackup;

import org.jspecify.annotations.Nullable;

/**
 * The verification could not run, or not to its end: verdict {@code NOT_VERIFIED}. A check that failed is never this
 * exception but a value in the report.
 */
public final class CannotVerifyException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String fact;
    private final String remedy;

    /**
     * Says what was expected and what is, and what to do about it.
     *
     * @param fact a sentence; never a secret, never a value of a row
     */
    public CannotVerifyException(String fact, Remedy remedy) {
        this(fact, remedy, null);
    }

    public CannotVerifyException(String fact, Remedy remedy, @Nullable Throwable cause) {
        super(remedy.text().isEmpty() ? fact : fact + " " + remedy.text(), cause);
        this.fact = fact;
        this.remedy = remedy.text();
    }

    public String fact() {
        return fact;
    }

    /** A sentence or two; can be empty. */
    public String remedy() {
        return remedy;
    }
}
