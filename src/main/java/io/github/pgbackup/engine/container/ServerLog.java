package io.github.pgbackup.engine.container;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.Remedy;
import io.github.pgbackup.container.RunningContainer;
import io.github.pgbackup.engine.LogEnd;
import io.github.pgbackup.postgres.OwnerOnly;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.List;

/** Writes a container's output to a file of this machine while it runs. */
final class ServerLog {

    private final Path file;
    private final List<Thread> writers;

    private ServerLog(Path file, List<Thread> writers) {
        this.file = file;
        this.writers = writers;
    }

    static ServerLog of(RunningContainer container, Path file) {
        try {
            FileChannel channel = OwnerOnly.append(file);
            ServerLog log = new ServerLog(
                    file, List.of(writer(container.log(), channel), writer(container.errorLog(), channel)));
            log.writers.forEach(Thread::start);
            return log;
        } catch (IOException e) {
            throw new CannotVerifyException(
                    "The throw-away server's log cannot be written to " + file + ": " + e.getMessage() + ".",
                    Remedy.CHECK_THE_FOLDER_FOR_EVIDENCE,
                    e);
        }
    }

    private static Thread writer(InputStream stream, FileChannel channel) {
        Thread writer = new Thread(
                () -> {
                    byte[] buffer = new byte[1 << 13];
                    try {
                        for (int read = stream.read(buffer); read >= 0; read = stream.read(buffer)) {
                            channel.write(ByteBuffer.wrap(buffer, 0, read));
                        }
                    } catch (IOException e) {
                        // The container was released, or its daemon is gone: there is nothing more to write.
                        return;
                    }
                },
                "pgbackup server log");
        writer.setDaemon(true);
        return writer;
    }

    /** The last lines of the log, for a message. */
    String end() throws InterruptedException {
        for (Thread writer : writers) {
            writer.join(1000);
        }
        return LogEnd.of(file);
    }
}
