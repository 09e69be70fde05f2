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

/** The file that says how to connect, for programs that do not see Maven's properties. Only its owner can read it. */
public final class ConnectionFile {

    /** Its name in the evidence folder. */
    public static final String NAME = "connection.properties";

    private ConnectionFile() {}

    /**
     * Writes the file.
     *
     * @throws IOException if it cannot be written; then no file is left behind
     */
    public static void write(Path file, RestoredConnection connection) throws IOException {
        Files.deleteIfExists(file); // an existing file would keep its mode
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
