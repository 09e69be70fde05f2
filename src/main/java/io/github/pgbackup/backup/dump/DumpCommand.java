package io.github.pgbackup.backup.dump;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.Remedy;
import io.github.pgbackup.Sha256;
import io.github.pgbackup.archive.StoredArchive;
import io.github.pgbackup.evidence.EvidenceFolder;
import io.github.pgbackup.evidence.Facts;
import io.github.pgbackup.manifest.Manifest;
import io.github.pgbackup.postgres.Command;
import io.github.pgbackup.postgres.GivenProgram;
import io.github.pgbackup.postgres.PostgresVersion;
import io.github.pgbackup.source.Snapshot;
import io.github.pgbackup.source.Source;
import io.github.pgbackup.stage.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The user's own dump program. It runs without a shell, and its environment names the snapshot, the file to write and
 * the connection to the source.
 *
 * @param words the program, with a path or to be found in {@code PATH}, and its arguments
 * @param variables of this process
 */
public record DumpCommand(List<String> words, Map<String, String> variables) {

    /** The newest client for which the connection variables are made. */
    private static final PostgresVersion NEWEST_CLIENT = PostgresVersion.ofNumber(190_000);

    /**
     * Runs the command and inspects what it wrote.
     *
     * @param target the file or directory that it must write
     * @param facts receives further findings
     * @throws CannotVerifyException if its exit status is not 0, or if it writes nothing, an incomplete archive or an
     *     archive of another database
     */
    public Manifest.Archive run(Run run, Source source, Snapshot snapshot, Path target, Facts facts)
            throws InterruptedException, IOException {
        Command command = Command.of(GivenProgram.find(words.get(0), variables, Remedy.NAME_A_PROGRAM_THAT_IS_THERE))
                .arguments(words.subList(1, words.size()))
                .standardError(run.folder().log("command"))
                .environment("PGBACKUP_SNAPSHOT", snapshot.id())
                .environment("PGBACKUP_FILE", target.toString());
        for (Map.Entry<String, String> variable :
                source.pgDumpEnvironment(NEWEST_CLIENT).entrySet()) {
            command = command.environment(variable.getKey(), variable.getValue());
        }
        int status = command.run();
        if (status != 0) {
            throw new CannotVerifyException(
                    "The command " + words.get(0) + " exited with status " + status + "; expected 0.",
                    Remedy.READ_THE_LOG_OF_THE_COMMAND);
        }
        if (isEmpty(target)) {
            throw new CannotVerifyException(
                    "The command " + words.get(0)
                            + " exited with status 0 but wrote nothing to the file that PGBACKUP_FILE" + " names.",
                    Remedy.WRITE_THE_ARCHIVE_TO_PGBACKUP_FILE);
        }
        return inspect(run, source, target, facts);
    }

    private static boolean isEmpty(Path target) throws IOException {
        if (!Files.isDirectory(target)) {
            return !Files.exists(target) || Files.size(target) == 0;
        }
        try (Stream<Path> members = Files.list(target)) {
            return members.findAny().isEmpty();
        }
    }

    /**
     * Inspects what the command wrote. An archive that pg_restore or psql can read is read to its end; of any other
     * file, only the hash is known.
     */
    private Manifest.Archive inspect(Run run, Source source, Path target, Facts facts)
            throws InterruptedException, IOException {
        String name = target.getFileName().toString();
        if (!Files.isDirectory(target) && !StoredArchive.isOne(target)) {
            facts.warn(
                    "Neither pg_restore nor psql can read the file that the command wrote. So it is not known whether"
                            + " the file is complete, and verify-backup cannot restore it as it is.");
            return new Manifest.Archive(name, Sha256.of(target), Files.size(target), words.get(0));
        }
        try {
            StoredArchive stored = StoredArchive.read(
                    target,
                    run.folder().unpacked(),
                    Optional.of(source.identity().database()),
                    () -> run.interruption().reason() != null);
            String database = stored.archive().contents().databaseName();
            // A plain dump without --create does not name it.
            if (!database.isEmpty() && !database.equals(source.identity().database())) {
                throw new CannotVerifyException(
                        "The command " + words.get(0) + " dumped the database '" + database + "', but the source is '"
                                + source.identity().database() + "'.",
                        Remedy.WRITE_THE_ARCHIVE_TO_PGBACKUP_FILE);
            }
            return new Manifest.Archive(
                    name,
                    stored.sha256(),
                    stored.size(),
                    "pg_dump " + stored.archive().contents().dumpVersion());
        } finally {
            EvidenceFolder.delete(run.folder().unpackedFolder());
        }
    }
}
