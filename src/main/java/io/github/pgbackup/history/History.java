package io.github.pgbackup.history;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The file of all runs, in the order in which they ended.
 *
 * @param file JSON Lines, UTF-8
 */
public record History(Path file) {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final long PAUSE = 20;

    /**
     * Lines that are not as a run wrote them: cut, since a machine went down, or altered. They are passed over.
     *
     * @param count how many
     * @param first the number of the first one, from 1; 0 when there is none
     */
    public record Damage(long count, long first) {

        /** In a sentence without its end; for some damage. */
        public String describe() {
            return "Line " + first + " is not as a run wrote it and is passed over"
                    + (count > 1 ? ", and so are " + (count - 1) + " more" : "");
        }
    }

    /** Checks that a line can be appended, without doing it; makes the file if it is not there. */
    public void prepare() throws IOException {
        Path directory = file.toAbsolutePath().getParent();
        if (directory != null) {
            Files.createDirectories(directory);
        }
        open().close();
    }

    private FileChannel open() throws IOException {
        return FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    }

    /**
     * Reads each run, the oldest first; they do not have to fit into memory.
     *
     * @return what was passed over
     */
    public Damage forEach(Consumer<PastRun> reader) throws IOException {
        if (!Files.exists(file)) {
            return new Damage(0, 0);
        }
        long number = 0;
        long damaged = 0;
        long first = 0;
        // A decoder that is not strict: bytes that are no text make a line whose checksum does not fit.
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(Files.newInputStream(file), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                number++;
                Optional<PastRun> run = HistoryLine.parse(line);
                if (run.isPresent()) {
                    reader.accept(run.get());
                } else if (!line.isEmpty()) {
                    damaged++;
                    first = first == 0 ? number : first;
                }
            }
        }
        return new Damage(damaged, first);
    }

    /**
     * Appends a run, to the disk itself. Another build waits meanwhile; a line that somebody's crash has cut stays a line of
     * its own.
     *
     * @throws IOException also when another build does not let go of the file for half a minute
     */
    public void append(PastRun run) throws IOException, InterruptedException {
        try (FileChannel channel = open()) {
            lock(channel);
            long size = channel.size();
            String line = (endsInALine(channel, size) ? "" : "\n") + HistoryLine.of(run) + "\n";
            ByteBuffer bytes = ByteBuffer.wrap(line.getBytes(StandardCharsets.UTF_8));
            long at = size;
            while (bytes.hasRemaining()) {
                at += channel.write(bytes, at);
            }
            channel.force(true);
        }
    }

    private static boolean endsInALine(FileChannel channel, long size) throws IOException {
        ByteBuffer last = ByteBuffer.allocate(1);
        return size == 0 || channel.read(last, size - 1) == 1 && last.get(0) == '\n';
    }

    /** Until the channel is closed. */
    private void lock(FileChannel channel) throws IOException, InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (tryLock(channel) == null) {
            if (System.nanoTime() > end) {
                throw new IOException("another process has locked " + file + " for " + PATIENCE.toSeconds() + " s");
            }
            Thread.sleep(PAUSE);
        }
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            return null; // another thread of this Maven: mvn -T
        }
    }
}
