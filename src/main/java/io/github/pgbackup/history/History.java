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

    private static final Duration LOCK_TIMEOUT = Duration.ofSeconds(30);
    private static final long PAUSE = 20;

    /**
     * Lines that are ignored because they are damaged: truncated by a crash, or altered.
     *
     * @param count number of damaged lines
     * @param first line number of the first one, from 1; 0 when there is none
     */
    public record Damage(long count, long first) {

        /** A sentence without its end; only for a positive count. */
        public String describe() {
            return "Line " + first + " is damaged and is ignored"
                    + (count > 1 ? " (" + count + " damaged lines in all)" : "");
        }
    }

    /** Checks that a line can be appended, without appending one; creates the file if it does not exist. */
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
     * Reads each run, the oldest first, without holding all of them in memory.
     *
     * @return the lines that were ignored
     */
    public Damage forEach(Consumer<PastRun> reader) throws IOException {
        if (!Files.exists(file)) {
            return new Damage(0, 0);
        }
        long number = 0;
        long damaged = 0;
        long first = 0;
        // A lenient decoder: invalid bytes make a line whose checksum does not match.
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
     * Appends a run and forces it to disk. Other builds wait meanwhile. A line that a crash has truncated stays a
     * separate line.
     *
     * @throws IOException also when another build keeps the file locked for 30 s
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

    /** Locks the file until the channel is closed. */
    private void lock(FileChannel channel) throws IOException, InterruptedException {
        long end = System.nanoTime() + LOCK_TIMEOUT.toNanos();
        while (tryLock(channel) == null) {
            if (System.nanoTime() > end) {
                throw new IOException("another process has locked " + file + " for " + LOCK_TIMEOUT.toSeconds() + " s");
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
