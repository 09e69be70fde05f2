package io.github.pgbackup.use;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.archive.Archive;
import io.github.pgbackup.archive.ArchiveData;
import io.github.pgbackup.archive.ArchiveFormat;
import io.github.pgbackup.archive.Entry;
import io.github.pgbackup.archive.TableOfContents;
import io.github.pgbackup.backup.Backup;
import io.github.pgbackup.comparison.DatabaseObservations;
import io.github.pgbackup.comparison.TableName;
import io.github.pgbackup.engine.PostgresServer;
import io.github.pgbackup.evidence.EvidenceFolder;
import io.github.pgbackup.expectation.ArchiveContents;
import io.github.pgbackup.expectation.Introspection;
import io.github.pgbackup.fault.Fault;
import io.github.pgbackup.fault.FaultKind;
import io.github.pgbackup.fault.TestedFault;
import io.github.pgbackup.fault.TestedFault.Outcome;
import io.github.pgbackup.postgres.QualifiedName;
import io.github.pgbackup.postgres.Session;
import io.github.pgbackup.restore.PgRestore;
import io.github.pgbackup.restore.RestoreResult;
import io.github.pgbackup.server.Target;
import io.github.pgbackup.stage.Run;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Tests faults of the archive: replaces the restored database with one from an altered archive, and checks the
 * expectations.
 */
final class ArchiveFaults {

    /** Faults of the archive may use up to half of the budget. */
    private static final int MOST = 2;

    private static final int KINDS = 4;
    private static final String ALTERED = "altered";

    private final Run run;
    private final PostgresServer target;
    private final Backup backup;
    private final SoundCopy sound;

    /** An altered archive, and additional arguments for pg_restore. */
    private record Altered(Archive archive, List<String> arguments) {}

    ArchiveFaults(Run run, PostgresServer target, Backup backup, SoundCopy sound) {
        this.run = run;
        this.target = target;
        this.backup = backup;
        this.sound = sound;
    }

    /** The time to reserve, estimated from the previous restore; zero when that is more than half of the budget. */
    static Duration reserved(RestoreResult restored, Duration budget) {
        Duration needed = restored.duration().multipliedBy(KINDS).plusSeconds(KINDS);
        return needed.compareTo(budget.dividedBy(MOST)) > 0 ? Duration.ZERO : needed;
    }

    /** The first fault of each kind whose table has rows. */
    static List<Fault> oneOfEachKind(List<Fault> faults, SoundCopy sound) {
        Map<FaultKind, Fault> chosen = new EnumMap<>(FaultKind.class);
        faults.stream()
                .filter(fault -> fault.kind().isOfArchive())
                .forEach(fault ->
                        chosen.merge(fault.kind(), fault, (one, other) -> holdsRows(one, sound) ? one : other));
        return List.copyOf(chosen.values());
    }

    private static boolean holdsRows(Fault fault, SoundCopy sound) {
        return fault.table() != null && sound.rows(name(fault.table())).orElse(0L) > 0;
    }

    private static TableName name(QualifiedName table) {
        return new TableName(table.parts().get(0), table.last());
    }

    TestedFault test(Fault fault) throws SQLException, IOException, InterruptedException {
        if (backup.archive().contents().entries().stream().noneMatch(Entry::isTableData)) {
            return TestedFault.without(fault, Outcome.UNVIABLE, "the archive holds no rows");
        }
        if (backup.archive().contents().isOfAPlainDump()) {
            return TestedFault.without(
                    fault,
                    Outcome.NOT_TRIED,
                    "a truncated plain dump is rejected, and a plain dump has no members or entries");
        }
        if (!backup.archive().parts().isEmpty()) {
            return TestedFault.without(
                    fault,
                    Outcome.NOT_TRIED,
                    "the backup consists of several archives, and only a single archive can be altered");
        }
        Path folder = run.folder().unpacked();
        Path copy = folder.resolveSibling(ALTERED);
        EvidenceFolder.delete(copy);
        try {
            Optional<Altered> altered = alter(fault, copy);
            return altered.isEmpty()
                    ? TestedFault.without(
                            fault, Outcome.UNVIABLE, "an archive in the custom format has no members of its own")
                    : restored(fault, altered.get());
        } finally {
            EvidenceFolder.delete(copy);
            Path parent = Objects.requireNonNull(copy.getParent());
            try (Stream<Path> others = Files.list(parent)) {
                if (others.findAny().isEmpty()) {
                    Files.delete(parent);
                }
            }
        }
    }

    private Optional<Altered> alter(Fault fault, Path copy) throws IOException, InterruptedException {
        Archive archive = backup.archive();
        boolean directory = archive.format() == ArchiveFormat.DIRECTORY;
        if (fault.kind() == FaultKind.ENTRY_LEFT_OUT) {
            return Optional.of(leaveOut(Objects.requireNonNull(fault.table()), copy));
        }
        if (fault.kind() == FaultKind.MEMBER_EMPTIED && !directory) {
            return Optional.empty();
        }
        copy(archive.path(), copy, directory);
        Path file = directory ? member(fault, copy) : copy;
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
            long length = bytes.length();
            switch (fault.kind()) {
                case MEMBER_EMPTIED -> bytes.setLength(0);
                // The table of contents comes first, and the data after it takes most of the space.
                case ARCHIVE_CUT -> bytes.setLength(length - Math.max(1, length / 8));
                default -> {
                    long at = length - Math.max(1, length / 8);
                    bytes.seek(at);
                    int was = bytes.read();
                    bytes.seek(at);
                    bytes.write(was ^ 0x10);
                }
            }
        }
        return Optional.of(new Altered(with(copy, archive.contents()), List.of()));
    }

    private static void copy(Path from, Path to, boolean directory) throws IOException {
        if (!directory) {
            Files.copy(from, to);
            return;
        }
        Files.createDirectory(to);
        try (Stream<Path> members = Files.list(from)) {
            for (Path member : members.toList()) {
                Files.copy(member, to.resolve(member.getFileName()));
            }
        }
    }

    /** The member with the rows of the fault's table, else the largest member with rows. */
    private Path member(Fault fault, Path directory) throws IOException {
        QualifiedName table = fault.table();
        String wanted = table == null
                ? ""
                : entry(table)
                        .map(entry -> Objects.requireNonNullElse(entry.dataFile(), ""))
                        .orElse("");
        Comparator<Path> bySize = Comparator.comparingLong(file -> file.toFile().length());
        try (Stream<Path> members = Files.list(directory)) {
            return members.filter(file -> {
                        String name = String.valueOf(file.getFileName());
                        return wanted.isEmpty()
                                ? !name.startsWith("toc.") && !name.startsWith("blob")
                                : name.startsWith(wanted);
                    })
                    .max(bySize)
                    .orElseThrow(() -> new IOException("the archive has no member with rows"));
        }
    }

    private Optional<Entry> entry(QualifiedName table) {
        return backup.archive().contents().entries().stream()
                .filter(Entry::isTableData)
                .filter(entry -> QualifiedName.of(entry.schema(), entry.tag()).equals(table))
                .findFirst();
    }

    /** The archive without one entry: pg_restore skips it. */
    private Altered leaveOut(QualifiedName table, Path list) throws IOException, InterruptedException {
        Entry left = entry(table).orElseThrow();
        List<Entry> kept = backup.archive().contents().entries().stream()
                .filter(entry -> entry.dumpId() != left.dumpId())
                .toList();
        Files.write(list, kept.stream().map(entry -> entry.dumpId() + ";").toList());
        TableOfContents all = backup.archive().contents();
        TableOfContents contents = new TableOfContents(
                all.archiveVersion(),
                all.format(),
                all.compression(),
                all.charset(),
                all.encoding(),
                all.createdAt(),
                all.databaseName(),
                all.serverVersion(),
                all.dumpVersion(),
                kept);
        return new Altered(with(backup.archive().path(), contents), List.of("--use-list=" + target.pathFor(list)));
    }

    private Archive with(Path path, TableOfContents contents) {
        Archive archive = backup.archive();
        return new Archive(path, archive.sha256(), archive.size(), archive.members(), contents);
    }

    private TestedFault restored(Fault fault, Altered altered) throws SQLException, IOException, InterruptedException {
        PgRestore.Roles roles = run.plan().restore().roles();
        String maintenance = Target.prepare(target, altered.archive(), backup.roles(), roles);
        RestoreResult result = new PgRestore(target, maintenance, roles, 1)
                .run(altered.archive(), altered.arguments(), run.folder().log("pg_restore-of-faults"), line -> {});
        if (!Target.hasDatabase(target, maintenance, backup.database())) {
            return caughtByAll(fault, "the database was not created");
        }
        Map<Entry, Long> rows = rowsIn(altered.archive());
        try (Session session = Target.write(target, backup.database())) {
            run.interruption().onInterrupt(session::abort);
            session.execute("begin read write");
            DatabaseObservations.Tables tables = DatabaseObservations.Tables.of(session);
            DatabaseObservations observations = DatabaseObservations.of(
                    session, tables, tables.ask(session, null, true), false, DatabaseObservations.sequences(session));
            SoundCopy.Answers answers =
                    sound.answers(session, observations, altered.archive().contents(), rows);
            if (!result.reachedTheEnd() || rows == null) {
                TestedFault.Answer unreadable = TestedFault.Answer.of("the archive is not readable to its end");
                answers = new SoundCopy.Answers(unreadable, unreadable, false);
            }
            boolean observable = sound.hasObservationsOf(observations)
                    ? answers.source() != null && answers.source().caught()
                    : true;
            session.execute("savepoint asked; set transaction read only");
            List<String> caughtBy = Trial.failing(new Introspection(run.plan().expectations()).ask(session));
            return observable
                    ? outcome(fault, caughtBy, answers, observations)
                    : TestedFault.without(fault, Outcome.UNVIABLE, "the altered archive restores to the same database");
        }
    }

    /** The number of rows in the archive, by entry; null when the archive cannot be read. */
    private @Nullable Map<Entry, Long> rowsIn(Archive altered) throws InterruptedException {
        try {
            ArchiveContents contents = new ArchiveContents(altered.contents(), Set.of());
            Supplier<Map<Entry, Long>> rows = contents.rowsOfAll();
            contents.readRows(new ArchiveData(target, altered));
            return rows.get();
        } catch (CannotVerifyException e) {
            return null;
        }
    }

    private static TestedFault caughtByAll(Fault fault, String what) {
        TestedFault.Answer answer = TestedFault.Answer.of(what);
        return new TestedFault(
                fault.kind().tag(),
                fault.object(),
                fault.sentence(),
                Outcome.CAUGHT,
                null,
                List.of(what),
                answer,
                answer,
                false,
                null);
    }

    private TestedFault outcome(
            Fault fault, List<String> caughtBy, SoundCopy.Answers answers, DatabaseObservations observations) {
        List<TableName> fewer =
                new ArrayList<>(sound.firstWithFewerRows(observations).stream().toList());
        Fault named = fault.name() != null || fewer.isEmpty() ? fault : named(fault, fewer.get(0));
        boolean suggested = caughtBy.isEmpty() && named.name() != null;
        return new TestedFault(
                fault.kind().tag(),
                fault.object(),
                fault.sentence(),
                caughtBy.isEmpty() ? Outcome.MISSED : Outcome.CAUGHT,
                null,
                caughtBy,
                answers.source(),
                answers.archiveAlone(),
                answers.inContentAlone(),
                suggested
                        ? named.suggestion(String.valueOf(sound.rows(name(Objects.requireNonNull(named.name())))
                                .orElse(0L)))
                        : null);
    }

    private static Fault named(Fault fault, TableName table) {
        QualifiedName name = QualifiedName.of(table.schema(), table.table());
        return new Fault(fault.kind(), name, name, List.of(), null, null);
    }
}
