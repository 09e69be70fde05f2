package io.github.pgbackup.verification;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.archive.Archive;
import io.github.pgbackup.postgres.Command;
import io.github.pgbackup.postgres.Installation;
import java.io.IOException;
import java.nio.file.Path;

/** The schema as the archive holds it: extracted from the archive, not dumped a second time. */
final class SchemaScript {

    private SchemaScript() {}

    static void extract(Installation client, Archive archive, Path script) throws IOException, InterruptedException {
        StringBuilder errors = new StringBuilder();
        int status = Command.of(client.program("pg_restore"))
                .arguments("--schema-only", "--file=" + script, archive.path().toString())
                .onErrorLine(line -> errors.append(line).append('\n'))
                .run();
        if (status != 0) {
            throw new CannotVerifyException(
                    "pg_restore cannot extract the schema from the archive (status " + status + "): "
                            + errors.toString().strip() + ".",
                    "Take the backup again; the archive is not complete.");
        }
    }
}
