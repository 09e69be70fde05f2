package io.github.pgbackup.check;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.Remedy;
import io.github.pgbackup.archive.Archive;
import io.github.pgbackup.archive.ArchiveData;
import io.github.pgbackup.archive.Entry;
import io.github.pgbackup.backup.Backup;
import io.github.pgbackup.baseline.Baseline;
import io.github.pgbackup.baseline.DatabaseComparison;
import io.github.pgbackup.baseline.Restored;
import io.github.pgbackup.baseline.SourceDescription;
import io.github.pgbackup.comparison.DatabaseObservations;
import io.github.pgbackup.comparison.DatabaseObservations.TableObservation;
import io.github.pgbackup.comparison.RowHash;
import io.github.pgbackup.comparison.TableName;
import io.github.pgbackup.description.DescriptionFindings;
import io.github.pgbackup.engine.PostgresServer;
import io.github.pgbackup.evidence.Check;
import io.github.pgbackup.expectation.ArchiveContents;
import io.github.pgbackup.expectation.Expectation;
import io.github.pgbackup.expectation.Introspection;
import io.github.pgbackup.expectation.Observation;
import io.github.pgbackup.plan.Comparison;
import io.github.pgbackup.postgres.Client;
import io.github.pgbackup.postgres.Session;
import io.github.pgbackup.restore.RestoreResult;
import io.github.pgbackup.restore.Role;
import io.github.pgbackup.server.RestoredDatabase;
import io.github.pgbackup.server.Target;
import io.github.pgbackup.stage.Background;
import io.github.pgbackup.stage.Run;
import java.io.IOException;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Checks a restored database: tests the expectations, and compares it with the archive and the baseline. */
public final class DatabaseCheck {

    private final Run run;

    public DatabaseCheck(Run run) {
        this.run = run;
    }

    /** Checks the database. Reports nothing, because the findings may call for another restore. */
    public Findings of(RestoredDatabase restoredDatabase, Baseline baseline) throws Exception {
        PostgresServer target = restoredDatabase.server();
        Backup backup = restoredDatabase.backup();
        RestoreResult restored = restoredDatabase.result();
        Archive archive = backup.archive();
        String database = backup.database();
        Introspection introspection = new Introspection(run.plan().expectations());
        Comparison level = run.plan().comparison();
        try (Background background = run.background()) {
            Future<Optional<DescriptionFindings>> described = background.start(() -> {
                Optional<SourceDescription> definitions = baseline.definitions();
                return definitions.isEmpty()
                        ? Optional.empty()
                        : Optional.of(compareDefinitions(target, database, definitions.get()));
            });
            Future<InArchive> inArchive = background.start(() -> askArchive(target, backup, baseline));
            Future<Optional<String>> rehashing = background.start(archive::verifyUnchanged);
            Future<DatabaseObservations> counting = background.start(() -> level.includes(Comparison.ROWS)
                    ? count(
                            background,
                            target,
                            database,
                            baseline.hash().orElse(null),
                            backup.restoring().readers())
                    : null);
            Map<Expectation, Map<String, Observation>> inRestored;
            try (Session session = Target.read(target, database)) {
                run.interruption().onInterrupt(session::abort);
                inRestored = introspection.ask(session);
            }
            DatabaseObservations tables = Background.result(counting);
            Optional<String> changed = Background.result(rehashing);
            if (changed.isPresent()) {
                throw new CannotVerifyException(changed.get(), Remedy.SEE_WHAT_ELSE_WRITES_THERE);
            }
            InArchive found = Background.result(inArchive);
            DatabaseComparison comparison = new DatabaseComparison(run.plan(), baseline.kind(), archive.contents());
            try (Session session = Target.read(target, database)) {
                run.interruption().onInterrupt(session::abort);
                List<Check> expectations = new ExpectationChecks(
                                found.expectations(), inRestored, baseline.expectations())
                        .of(run.plan().expectations(), session);
                Background.result(described).ifPresent(comparison::definitions);
                Restored facts =
                        new Restored(archive.contents(), found.rows(), restored, target.version(), session, tables);
                baseline.compare(comparison, facts);
                Set<String> byRestore = byRestore(expectations, comparison, restored);
                baseline.compareArchive(comparison, facts);
                return new Findings(restored, expectations, comparison, byRestore);
            }
        }
    }

    /** The observations in the archive itself: for the expectations, and the number of rows in each entry with data. */
    private record InArchive(Map<Expectation, Map<String, Observation>> expectations, Map<Entry, Long> rows) {}

    /** The differences so far. Those that no restore causes, such as an object missing in the archive, come later. */
    private static Set<String> byRestore(
            List<Check> expectations, DatabaseComparison comparison, RestoreResult restored) {
        Set<String> found = new HashSet<>(comparison.failing());
        comparison.grade(restored.errors()).stream()
                .filter(error -> !error.harmless())
                .map(error -> error.entry().isEmpty() ? "an error of pg_restore: " + error.message() : error.entry())
                .forEach(found::add);
        expectations.stream()
                .filter(check -> !check.passed() && !check.restoredAsInSource())
                .map(Check::name)
                .forEach(found::add);
        return found;
    }

    /** Counts with several sessions. Nothing writes there any more, so they need no common snapshot. */
    private DatabaseObservations count(
            Background background, PostgresServer target, String database, @Nullable RowHash hash, int readers)
            throws Exception {
        try (Session session = Target.read(target, database)) {
            run.interruption().onInterrupt(session::abort);
            DatabaseObservations.Tables tables = DatabaseObservations.Tables.of(session);
            List<Future<Map<TableName, TableObservation>>> others = IntStream.range(1, readers)
                    .mapToObj(other -> background.start(() -> {
                        try (Session another = Target.read(target, database)) {
                            run.interruption().onInterrupt(another::abort);
                            return tables.ask(another, hash, true);
                        }
                    }))
                    .toList();
            Map<TableName, TableObservation> observations = new HashMap<>(tables.ask(session, hash, true));
            for (Future<Map<TableName, TableObservation>> other : others) {
                observations.putAll(Background.result(other));
            }
            return DatabaseObservations.of(
                    session, tables, observations, hash != null, DatabaseObservations.sequences(session));
        }
    }

    private DescriptionFindings compareDefinitions(
            PostgresServer target, String database, SourceDescription description) throws SQLException, IOException {
        try (Session session = Target.read(target, database)) {
            run.interruption().onInterrupt(session::abort);
            return description.compare(
                    session, run.plan().restore().withRoles(), new Target.Databases(target, database));
        }
    }

    private InArchive askArchive(Client client, Backup backup, Baseline baseline) throws InterruptedException {
        Archive archive = backup.archive();
        Set<String> names = backup.roles().stream().map(Role::name).collect(Collectors.toSet());
        ArchiveContents contents = new ArchiveContents(archive.contents(), names);
        Map<Expectation, Supplier<Map<String, Observation>>> asked = new LinkedHashMap<>();
        run.plan().expectations().forEach(expectation -> asked.put(expectation, expectation.inArchive(contents)));
        Supplier<Map<Entry, Long>> rows = baseline.asksForRowsInArchive() ? contents.rowsOfAll() : Map::of;
        contents.readRows(new ArchiveData(client, archive));
        Map<Expectation, Map<String, Observation>> observationsOfArchive = new LinkedHashMap<>();
        asked.forEach((expectation, answer) -> observationsOfArchive.put(expectation, answer.get()));
        return new InArchive(observationsOfArchive, rows.get());
    }
}
