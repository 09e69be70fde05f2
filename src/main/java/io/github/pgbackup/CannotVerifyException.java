package io.github.pgbackup;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import org.jspecify.annotations.Nullable;

/**
 * The verification could not run, or not to its end: verdict {@code NOT_VERIFIED}. A check that failed is never this
 * exception but a value in the report.
 */
public final class CannotVerifyException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String fact;
    private final String remedy;
    private final boolean isTransient;

    /**
     * Says what was expected and what is, and what to do about it.
     *
     * @param fact a sentence; never a secret, never a value of a row
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

    /** The same of what may have passed when the verification is tried again: a lock, a server that starts. */
    public static CannotVerifyException ofTransient(String fact, Remedy remedy, @Nullable Throwable cause) {
        return new CannotVerifyException(fact, remedy.text(), true, cause);
    }

    /** The same, of what may pass. */
    public CannotVerifyException asTransient() {
        return new CannotVerifyException(fact, remedy, true, getCause());
    }

    /** Whether it may pass by itself. */
    public boolean isTransient() {
        return isTransient;
    }

    public String fact() {
        return fact;
    }

    /** A sentence or two; can be empty. */
    public String remedy() {
        return remedy;
    }

    /** Why a file cannot be used: Java says that by the class of the exception, except where the system gave a reason. */
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
        return e instanceof NoSuchFileException ? "there is no " + file : file + ": " + failure.getReason();
    }
}
