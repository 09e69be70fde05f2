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
