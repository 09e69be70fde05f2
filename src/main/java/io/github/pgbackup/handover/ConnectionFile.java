package io.github.pgbackup.handover;

import io.github.pgbackup.postgres.OwnerOnly;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.Writer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Properties;
import java.util.Set;

/** The file that says how to connect, for whoever does not see Maven's properties. Its owner alone can read it. */
public final class ConnectionFile {

    /** Its name in the folder of the evidence. */
    public static final String NAME = "connection.properties";

    private ConnectionFile() {}

    /**
     * Writes it.
     *
     * @throws IOException if it cannot be written; then it is not there
     */
    public static void write(Path file, RestoredConnection connection) throws IOException {
        Files.deleteIfExists(file); // one of another mode would keep its mode
        Properties properties = new Properties();
        properties.putAll(connection.properties());
        try (FileChannel channel = FileChannel.open(
                        file, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), OwnerOnly.file());
                Writer writer = new BufferedWriter(Channels.newWriter(channel, StandardCharsets.ISO_8859_1))) {
            properties.store(writer, "The restored database, until it is stopped. Do not keep.");
        } catch (IOException e) {
            Files.deleteIfExists(file);
            throw e;
        }
    }
}
