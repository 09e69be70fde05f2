package io.github.pgbackup.server;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.Remedy;
import io.github.pgbackup.archive.Archive;
import io.github.pgbackup.backup.Backup;
import io.github.pgbackup.engine.PostgresServer;
import io.github.pgbackup.evidence.Fact;
import io.github.pgbackup.evidence.Facts;
import io.github.pgbackup.postgres.PostgresVersion;
import io.github.pgbackup.postgres.QualifiedName;
import io.github.pgbackup.restore.PgRestore;
import io.github.pgbackup.restore.PsqlRestore;
import io.github.pgbackup.restore.RestoreError;
import io.github.pgbackup.restore.RestoreResult;
import io.github.pgbackup.restore.RestoreStep;
import io.github.pgbackup.restore.Role;
import io.github.pgbackup.restore.RoleProvisioning;
import io.github.pgbackup.stage.Progress;
import io.github.pgbackup.stage.Run;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** The restore of a backup into the throw-away server. */
public final class Restoration {

    private final Run run;
    private final Facts facts = new Facts();

    public Restoration(Run run) {
        this.run = run;
    }

    /** The findings so far. */
    public Facts facts() {
        return facts;
    }

    /** Restores the backup with the chosen number of jobs. */
    public RestoredDatabase restore(PostgresServer target, Backup backup)
            throws SQLException, IOException, InterruptedException {
        run.console().info("  " + backup.restoring().why());
        Path schema =
                run.folder().file("schema", backup.database(), run.stages().startedAt(), ".sql");
        SchemaScript.extract(target, backup.archive(), schema);
        backup.roles().stream()
                .map(Role::name)
                .filter(role -> !RoleProvisioning.isAccepted(role, target.version()))
                .forEach(role -> facts.warn("The role " + QualifiedName.quote(role) + " was not created: PostgreSQL "
                        + target.version().major() + " refuses a line break in the name of a role. Rename it"
                        + " before the upgrade."));
        return restore(target, backup, backup.restoring().jobs(), "pg_restore");
    }

    /** Restores again with one job, into a new database with the same name. */
    public RestoredDatabase restoreByOneJob(PostgresServer target, Backup backup)
            throws SQLException, IOException, InterruptedException {
        return restore(target, backup, 1, "pg_restore-1-job");
    }

    private RestoredDatabase restore(PostgresServer target, Backup backup, int jobs, String log)
            throws SQLException, IOException, InterruptedException {
        Archive archive = backup.archive();
        String database = backup.database();
        String maintenance = Target.prepare(
                target, archive, backup.roles(), run.plan().restore().roles());
        Progress progress = run.stages().telling(new Progress(backup.tableSizes(), jobs, System::nanoTime));
        List<String> commandLine = new ArrayList<>();
        RestoreResult result = null;
        for (RestoreStep step : RestoreStep.of(archive)) {
            RestoreResult of =
                    restore(target, step, step.creates() ? maintenance : database, jobs, log, progress, commandLine);
            result = result == null ? of : result.then(of);
        }
        facts.add(new Fact.RestoreCommand(commandLine));
        Objects.requireNonNull(result);
        if (result.errors().stream().anyMatch(RestoreError::isOfAnotherMajorsDump)) {
            PostgresVersion source = PostgresVersion.parse(archive.contents().serverVersion());
            facts.warn("pg_dump " + archive.contents().dumpVersion()
                    + " wrote pg_attver, an option of columns that servers like the source (" + source
                    + ") set and no server accepts; the tables with this option are lost. "
                    + Remedy.dumpByTheClientOf(source.major()));
        }
        Optional<CannotVerifyException> diskFull = diskFull(result);
        if (diskFull.isPresent()) {
            throw diskFull.get();
        }
        if (!Target.hasDatabase(target, maintenance, database)) {
            throw databaseNotCreated(database, result);
        }
        return new RestoredDatabase(target, backup, result);
    }

    private RestoreResult restore(
            PostgresServer target,
            RestoreStep step,
            String database,
            int jobs,
            String log,
            Progress progress,
            List<String> commandLine)
            throws IOException, InterruptedException {
        Archive archive = step.part().archive();
        if (!commandLine.isEmpty()) {
            commandLine.add("&&");
        }
        RestoreResult result;
        if (archive.contents().isOfAPlainDump()) {
            List<String> arguments = PsqlRestore.arguments(database);
            commandLine.add("psql");
            commandLine.addAll(arguments);
            result = PsqlRestore.run(
                    target.psql(archive.path(), arguments),
                    archive.contents(),
                    run.folder().log("psql"),
                    progress::line);
        } else {
            PgRestore pgRestore = new PgRestore(
                    target, database, step.creates(), run.plan().restore().roles(), jobs);
            commandLine.addAll(pgRestore.commandLine(archive, step.options()));
            result = pgRestore.run(archive, step.options(), run.folder().log(log), progress::line);
        }
        return result.renumbered(step.part().shift());
    }

    /** The error if the disk was full: data that is missing because of that says nothing about the backup. */
    private static Optional<CannotVerifyException> diskFull(RestoreResult result) {
        return result.errors().stream()
                .filter(Restoration::saysDiskFull)
                .findFirst()
                .map(error -> new CannotVerifyException(
                        "The disk of the throw-away server is full: " + error.message() + ".",
                        Remedy.MAKE_ROOM_FOR_THE_COPY));
    }

    /**
     * Whether an error is about a full disk. If only part of a block could be written, PostgreSQL reports no system
     * error.
     */
    private static boolean saysDiskFull(RestoreError error) {
        return error.message().contains("No space left on device")
                || String.valueOf(error.detail()).contains("Check free disk space");
    }

    private static CannotVerifyException databaseNotCreated(String database, RestoreResult result) {
        String why = result.errors().stream()
                .findFirst()
                .map(RestoreError::message)
                .orElse("pg_restore exited with " + result.exitStatus());
        return new CannotVerifyException(
                "The restore did not even create the database '" + database + "': " + why + ".",
                Remedy.HAVE_THE_LOCALE);
    }
}
