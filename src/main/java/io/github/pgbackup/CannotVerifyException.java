package io.github.pgbackup;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import org.jspecify.annotations.Nullable;

/**
 * Thrown when the verification could not run, or could not finish: verdict {@code NOT_VERIFIED}. A failed check is not
 * an exception but a value in the report.
 */
public final class CannotVerifyException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String fact;
    private final String remedy;
    private final boolean isTransient;

    /**
     * Creates an exception with what was expected, what was found, and what to do.
     *
     * @param fact a sentence; never contains a secret or a value of a row
     */
    public CannotVerifyException(String fact, Remedy remedy) {
        this(fact, remedy, null);
    }

    public CannotVerifyException(String fact, Remedy remedy, @Nullable Throwable cause) {
        this(fact, remedy.text(), false, cause);
    }

    private CannotVerifyException(String fact, String remedy, boolean isTransient, @Nullable Throwable cause) {
        super(remedy.isEmpty() ? fact : fact + " " + remedy, cause);
        this.fact = fact;
        this.remedy = remedy;
        this.isTransient = isTransient;
    }

    /** A failure that a retry may resolve, such as a lock or a server that is starting. */
    public static CannotVerifyException ofTransient(String fact, Remedy remedy, @Nullable Throwable cause) {
        return new CannotVerifyException(fact, remedy.text(), true, cause);
    }

    /** The same failure, marked as one that a retry may resolve. */
    public CannotVerifyException asTransient() {
        return new CannotVerifyException(fact, remedy, true, getCause());
    }

    /** Whether a retry may resolve it. */
    public boolean isTransient() {
        return isTransient;
    }

    public String fact() {
        return fact;
    }

    /** One or two sentences; may be empty. */
    public String remedy() {
        return remedy;
    }

    /** Why a file cannot be used. Often, only the class of Java's exception says why. */
    public static String reason(IOException e) {
        if (!(e instanceof FileSystemException failure)) {
            return String.valueOf(e.getMessage());
        }
        String file = String.valueOf(failure.getFile());
        if (e instanceof AccessDeniedException) {
            return "permission denied for " + file;
        }
        if (e instanceof FileAlreadyExistsException) {
            return file + " is a file";
        }
        return e instanceof NoSuchFileException ? file + " does not exist" : file + ": " + failure.getReason();
    }
}
