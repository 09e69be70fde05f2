package io.github.pgbackup.postgres;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** A process as shown by {@code ps}. */
public record RunningProcess(long pid) {

    /** Whether it is running; a zombie is not. */
    public boolean runs() {
        try (InputStream ps = new ProcessBuilder("ps", "-o", "stat=", "-p", Long.toString(pid))
                .start()
                .getInputStream()) {
            String state = new String(ps.readAllBytes(), StandardCharsets.US_ASCII).strip();
            return !state.isEmpty() && !state.startsWith("Z");
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
