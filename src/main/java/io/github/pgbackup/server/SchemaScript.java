package io.github.pgbackup.server;

import static java.nio.file.StandardOpenOption.APPEND;
import static java.nio.file.StandardOpenOption.CREATE;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.Remedy;
import io.github.pgbackup.archive.Archive;
import io.github.pgbackup.archive.Entry;
import io.github.pgbackup.postgres.Client;
import java.io.IOException;
import java.io.OutputStream;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;

/** The schema as the archive holds it: extracted from the archive, not dumped a second time. */
final class SchemaScript {

    private SchemaScript() {}

    static void extract(Client client, Archive archive, Path script) throws IOException, InterruptedException {
        Files.deleteIfExists(script);
        for (Archive.Part part : archive.inParts()) {
            append(client, part.archive(), script);
        }
    }

    private static void append(Client client, Archive archive, Path script) throws IOException, InterruptedException {
        if (archive.contents().isOfAPlainDump()) {
            // The plain dump contains the schema itself; these are its definitions as the comparison reads them.
            try (Writer file = Files.newBufferedWriter(script, CREATE, APPEND)) {
                for (Entry entry : archive.contents().entries()) {
                    if (!entry.definition().isEmpty()) {
                        file.write("-- " + entry.object().replace('\n', ' ') + "\n\n" + entry.definition() + "\n");
                    }
                }
            }
            return;
        }
        StringBuilder errors = new StringBuilder();
        int status;
        try (OutputStream file = Files.newOutputStream(script, CREATE, APPEND)) {
            status = client.command("pg_restore")
                    .arguments("--schema-only", "--file=-", client.pathFor(archive.path()))
                    .onErrorLine(line -> errors.append(line).append('\n'))
                    .run(stdout -> stdout.transferTo(file));
        }
        if (status != 0) {
            throw new CannotVerifyException(
                    "pg_restore cannot extract the schema from the archive (status " + status + "): "
                            + errors.toString().strip() + ".",
                    Remedy.TAKE_THE_BACKUP_AGAIN);
        }
    }
}
