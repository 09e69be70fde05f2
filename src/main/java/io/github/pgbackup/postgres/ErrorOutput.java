package io.github.pgbackup.postgres;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Drains a child's standard error in a separate thread: unchanged to a file, and line by line to consumers. */
final class ErrorOutput {

    /** Longer lines are truncated: pg_restore may quote a statement of any length. */
    private static final int MAX_LINE = 1 << 20;

    private final InputStream standardError;
    private final OutputStream log;
    private final List<Consumer<String>> consumers;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private final Thread thread;
    private volatile @Nullable Throwable failure;

    ErrorOutput(InputStream standardError, @Nullable Path log, List<Consumer<String>> consumers) throws IOException {
        this.standardError = standardError;
        this.log = log == null ? OutputStream.nullOutputStream() : Channels.newOutputStream(OwnerOnly.append(log));
        this.consumers = consumers;
        this.thread = new Thread(this::drain, "pgbackup standard error");
        thread.setDaemon(true);
        thread.start();
    }

    /** Waits for the end of standard error, which ends with the child, and throws its failure, if any. */
    void finish() throws IOException, InterruptedException {
        thread.join();
        Throwable thrown = failure;
        if (thrown instanceof IOException e) {
            throw e;
        } else if (thrown instanceof RuntimeException e) {
            throw e;
        } else if (thrown != null) {
            throw (Error) thrown;
        }
    }

    private void drain() {
        try (log) {
            try {
                byte[] buffer = new byte[8192];
                for (int read = standardError.read(buffer); read >= 0; read = standardError.read(buffer)) {
                    log.write(buffer, 0, read);
                    split(buffer, read);
                }
                if (line.size() > 0) {
                    endLine();
                }
            } finally {
                standardError.transferTo(OutputStream.nullOutputStream()); // a full pipe would block the child
            }
        } catch (IOException | RuntimeException | Error e) {
            failure = e;
        }
    }

    private void split(byte[] buffer, int length) {
        for (int i = 0; i < length; i++) {
            if (buffer[i] == '\n') {
                endLine();
            } else if (line.size() < MAX_LINE) {
                line.write(buffer[i]);
            }
        }
    }

    private void endLine() {
        String text = line.toString(StandardCharsets.UTF_8);
        line.reset();
        consumers.forEach(consumer -> consumer.accept(text));
    }
}
