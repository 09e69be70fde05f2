package io.github.pgbackup.evidence;

import io.github.pgbackup.Remedy;
import io.github.pgbackup.fault.ExpectationTest;
import io.github.pgbackup.plan.Demands;
import io.github.pgbackup.provenance.BoundTo;
import io.github.pgbackup.rehearsal.RehearsalReport;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Everything that is known after a run, in the order of the run: acquire, restore, check, use. The evidence is written
 * from it alone. Nothing in it is null: a part that the run did not reach is empty.
 *
 * @param context what the run was asked, and by whom; empty when the configuration could not be read
 */
public record VerificationReport(
        Outcome outcome, Acquired acquired, Restored restored, Checked checked, Used used, Optional<Context> context) {

    /** The report of a run that has only just begun. */
    public static VerificationReport begun(String plugin, Instant startedAt) {
        return new VerificationReport(
                new Outcome(plugin, startedAt, Duration.ZERO, List.of(), Optional.empty(), List.of()),
                new Acquired(
                        Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), List.of(), List.of()),
                new Restored(Optional.empty(), Optional.empty(), List.of()),
                new Checked(Optional.empty(), List.of()),
                new Used(Optional.empty(), Optional.empty(), Optional.empty()),
                Optional.empty());
    }

    /** The report of a run that could not begin because its configuration is invalid. */
    public static VerificationReport invalid(String plugin, List<String> problems) {
        return begun(plugin, Instant.now())
                .with(new Problem(
                        problems.size() == 1
                                ? "The configuration has a problem:"
                                : "The configuration has " + problems.size() + " problems:",
                        problems,
                        Remedy.CORRECT_THE_TAGS.text()));
    }

    // ---- the same report with something else in it ----

    /** The same with these facts added, see {@link Fact#addTo}. */
    public VerificationReport with(Fact... facts) {
        VerificationReport report = this;
        for (Fact fact : facts) {
            report = fact.addTo(report);
        }
        return report;
    }

    /** The same with these checks instead of its own. */
    public VerificationReport withChecks(List<Check> checks) {
        return with(new Checked(checked.comparison(), checks));
    }

    /** The same, followed by a test of its expectations. */
    public VerificationReport with(ExpectationTest test) {
        return with(new Used(Optional.of(test), used.handOver(), used.rehearsal()));
    }

    /** The same, followed by a rehearsal of migrations. */
    public VerificationReport with(RehearsalReport rehearsal) {
        return with(new Used(used.expectationTest(), used.handOver(), Optional.of(rehearsal)));
    }

    /** The same in another context. */
    public VerificationReport with(Context other) {
        return new VerificationReport(outcome, acquired, restored, checked, used, Optional.of(other));
    }

    /** The same, after it took this long in these stages. */
    public VerificationReport ended(Duration duration, List<Stage> stages) {
        return with(outcome.ended(duration, stages));
    }

    VerificationReport with(Outcome other) {
        return new VerificationReport(other, acquired, restored, checked, used, context);
    }

    VerificationReport with(Acquired other) {
        return new VerificationReport(outcome, other, restored, checked, used, context);
    }

    VerificationReport with(Restored other) {
        return new VerificationReport(outcome, acquired, other, checked, used, context);
    }

    VerificationReport with(Checked other) {
        return new VerificationReport(outcome, acquired, restored, other, used, context);
    }

    VerificationReport with(Used other) {
        return new VerificationReport(outcome, acquired, restored, checked, other, context);
    }

    // ---- what follows from it ----

    public Verdict verdict() {
        if (outcome.problem().isPresent()) {
            return Verdict.NOT_VERIFIED;
        }
        return checks().stream().allMatch(Check::passed) ? Verdict.PASS : Verdict.FAIL;
    }

    public List<Check> checks() {
        return checked.checks();
    }

    /** The passed checks that found a difference which the configuration accepts. */
    public List<Check> toleratedChecks() {
        return checks().stream().filter(check -> check.tolerated().isPresent()).toList();
    }

    public List<Check> failedChecks() {
        return checks().stream().filter(check -> !check.passed()).toList();
    }

    /** Whether the only failure is that the last PASS of the history is too long ago. */
    public boolean failsForTheGapAlone() {
        return verdict() == Verdict.FAIL
                && failedChecks().stream()
                        .allMatch(check -> check.group().equals(Check.HISTORY)
                                && check.name().equals(Check.GAP));
    }

    /** Fact, items and remedy, one line each; empty when there is no problem. */
    public String problemText() {
        return outcome.problem().map(Problem::text).orElse("");
    }

    // ---- the sections ----

    /**
     * The run itself.
     *
     * @param plugin the plugin's version
     * @param problem why the verification could not run to its end
     */
    public record Outcome(
            String plugin,
            Instant startedAt,
            Duration duration,
            List<Stage> stages,
            Optional<Problem> problem,
            List<String> warnings) {
        public Outcome {
            stages = List.copyOf(stages);
            warnings = List.copyOf(warnings);
        }

        Outcome with(Problem found) {
            return new Outcome(plugin, startedAt, duration, stages, Optional.of(found), warnings);
        }

        Outcome with(Fact.Warning warning) {
            return new Outcome(
                    plugin, startedAt, duration, stages, problem, appended(warnings, List.of(warning.sentence())));
        }

        Outcome ended(Duration took, List<Stage> finished) {
            return new Outcome(plugin, startedAt, took, finished, problem, warnings);
        }
    }

    /**
     * What was acquired.
     *
     * @param command pg_dump with its arguments; empty when the run did not reach it
     * @param doesNotContain what a backup of this database never contains, and how to restore it
     */
    public record Acquired(
            Optional<Source> source,
            Optional<Snapshot> snapshot,
            Optional<Archive> archive,
            Optional<Production> production,
            List<String> command,
            List<String> doesNotContain) {
        public Acquired {
            command = List.copyOf(command);
            doesNotContain = List.copyOf(doesNotContain);
        }

        /** How the archive was found that existed already. */
        public Optional<Given> given() {
            return archive.flatMap(Archive::given);
        }

        /** The database that was backed up, as the archive or the source names it. */
        public Optional<String> database() {
            return given().map(Given::database).or(() -> source.map(Source::database));
        }

        Acquired with(Source reached) {
            return new Acquired(Optional.of(reached), snapshot, archive, production, command, doesNotContain);
        }

        Acquired with(Snapshot taken) {
            return new Acquired(source, Optional.of(taken), archive, production, command, doesNotContain);
        }

        Acquired with(Archive read) {
            return new Acquired(source, snapshot, Optional.of(read), production, command, doesNotContain);
        }

        Acquired with(Production seen) {
            return new Acquired(source, snapshot, archive, Optional.of(seen), command, doesNotContain);
        }

        Acquired with(Fact.DumpCommand dump) {
            return new Acquired(source, snapshot, archive, production, dump.words(), doesNotContain);
        }

        Acquired with(Fact.NotContained more) {
            return new Acquired(source, snapshot, archive, production, command, appended(doesNotContain, more.left()));
        }
    }

    /**
     * What was restored.
     *
     * @param command pg_restore or psql with its arguments; empty when the run did not reach it
     */
    public record Restored(Optional<Target> target, Optional<Restore> restore, List<String> command) {
        public Restored {
            command = List.copyOf(command);
        }

        /** The errors of pg_restore, if there was a restore. */
        public List<GradedError> errors() {
            return restore.map(Restore::errors).orElse(List.of());
        }

        Restored with(Target started) {
            return new Restored(Optional.of(started), restore, command);
        }

        Restored with(Restore decisive) {
            return new Restored(target, Optional.of(decisive), command);
        }

        Restored with(Fact.RestoreCommand restoring) {
            return new Restored(target, restore, restoring.words());
        }
    }

    /** What was checked. */
    public record Checked(Optional<Compared> comparison, List<Check> checks) {
        public Checked {
            checks = List.copyOf(checks);
        }

        /** The rows of each table, if rows were compared. */
        public List<TableRows> tableRows() {
            return comparison.map(Compared::tableRows).orElse(List.of());
        }
    }

    /** What a database that has passed was used for. */
    public record Used(
            Optional<ExpectationTest> expectationTest,
            Optional<HandOver> handOver,
            Optional<RehearsalReport> rehearsal) {}

    /**
     * What the run was asked, without secrets.
     *
     * @param demands what the backup had to satisfy
     * @param parameters the plugin's effective parameters, by the names of their properties without the prefix
     * @param queries the queries of the user
     * @param boundTo commit and files that the verdict is bound to, if any were configured
     * @param audit further information for an auditor
     */
    public record Context(
            Demands demands,
            Map<String, String> parameters,
            List<Query> queries,
            Optional<BoundTo> boundTo,
            Audit audit) {
        public Context {
            queries = List.copyOf(queries);
        }
    }

    private static List<String> appended(List<String> first, List<String> second) {
        return Stream.concat(first.stream(), second.stream()).toList();
    }

    // ---- their parts ----

    /**
     * Why verification could not run, and what to do about it.
     *
     * @param items the facts one by one, when there are several
     */
    public record Problem(String fact, List<String> items, String remedy) implements Fact {
        public Problem {
            items = List.copyOf(items);
        }

        public Problem(String fact, String remedy) {
            this(fact, List.of(), remedy);
        }

        private String text() {
            List<String> lines = new ArrayList<>();
            lines.add(fact);
            items.forEach(item -> lines.add("- " + item));
            if (!remedy.isEmpty()) {
                lines.add(remedy);
            }
            return String.join("\n", lines);
        }

        @Override
        public VerificationReport addTo(VerificationReport report) {
            return report.with(report.outcome().with(this));
        }
    }

    /** A stage of the run. */
    public record Stage(String name, Duration startedAfter, Duration duration) {}

    /**
     * The database that was backed up.
     *
     * @param address as the server sees it
     * @param server as the configuration calls it: hosts and ports, or a container
     */
    public record Source(
            String database,
            String role,
            boolean superuser,
            String serverVersion,
            String systemIdentifier,
            String address,
            Instant serverStartedAt,
            boolean standby,
            String server)
            implements Fact {
        @Override
        public VerificationReport addTo(VerificationReport report) {
            return report.with(report.acquired().with(this));
        }
    }

    /**
     * The snapshot that the dump and the source's observations share.
     *
     * @param takenAt by the source's clock
     * @param takenAfter the time from the beginning of the run, by the clock of this machine
     * @param held the time from its export to its release
     */
    public record Snapshot(String id, Instant takenAt, Duration takenAfter, Duration held) implements Fact {
        @Override
        public VerificationReport addTo(VerificationReport report) {
            return report.with(report.acquired().with(this));
        }
    }

    /**
     * The backup.
     *
     * @param path relative to the evidence folder; absolute for an existing archive
     * @param compression the compression according to the archive
     * @param takenBy the role that took it; empty when the run did not take it
     * @param duration the duration of the dump, or of reading and unpacking it
     * @param kept whether it still exists
     * @param stored its further copies; empty when it was not stored elsewhere
     * @param given how it was found; empty when the run took it
     */
    public record Archive(
            String path,
            String sha256,
            long bytes,
            String format,
            String compression,
            String archiveVersion,
            int entries,
            String client,
            String serverVersion,
            Optional<TakenBy> takenBy,
            Duration duration,
            boolean kept,
            Optional<Stored> stored,
            Optional<Given> given)
            implements Fact {

        /** The same, after the archive itself was deleted. */
        public Archive deleted() {
            return with(false, stored);
        }

        /** The same, after it was also stored elsewhere. */
        public Archive storedIn(Stored place) {
            return with(kept, Optional.of(place));
        }

        private Archive with(boolean nowKept, Optional<Stored> nowStored) {
            return new Archive(
                    path,
                    sha256,
                    bytes,
                    format,
                    compression,
                    archiveVersion,
                    entries,
                    client,
                    serverVersion,
                    takenBy,
                    duration,
                    nowKept,
                    nowStored,
                    given);
        }

        @Override
        public VerificationReport addTo(VerificationReport report) {
            return report.with(report.acquired().with(this));
        }
    }

    /**
     * The role that took the backup.
     *
     * @param superuser whether it is a superuser
     */
    public record TakenBy(String role, boolean superuser) {}

    /**
     * An existing archive.
     *
     * @param database the database's name according to the header
     * @param found the name or pattern that found it, and the number of matches
     * @param form the form of the file, for example {@code tar in gzip}
     * @param createdAt the time in its header: an ISO-8601 date and time, in the time zone of the machine that took it, which
     *     the header does not name
     * @param takenAt the instant of its state: from its manifest, else the time in its header, read in this machine's time zone
     * @param manifest the file that records what the source contained, if there was one
     * @param files the files of a backup in several files; empty for a single file
     */
    public record Given(
            String database,
            String found,
            String form,
            String createdAt,
            Instant takenAt,
            Optional<String> manifest,
            List<GivenFile> files) {
        public Given {
            files = List.copyOf(files);
        }
    }

    /** One of several files that form a backup together. */
    public record GivenFile(String path, String sha256, long bytes, String form) {}

    /** Copies that outlast the build's directory, by their absolute paths. */
    public record Stored(String archive, String roles, String manifest) {}

    /**
     * A query of the user, and what it must return.
     *
     * @param role the role that ran it in the restored database; empty for the superuser
     */
    public record Query(String name, String sql, String returns, Optional<String> role) {}

    /**
     * The throw-away server.
     *
     * @param isolation measurements of its isolation, by name
     * @param removal the proof that it was removed, by name
     */
    public record Target(
            String engine,
            String reason,
            String serverVersion,
            Map<String, String> isolation,
            Map<String, String> removal)
            implements Fact {

        /** The same, after its removal. */
        public Target removed(Map<String, String> proof) {
            return new Target(engine, reason, serverVersion, isolation, proof);
        }

        @Override
        public VerificationReport addTo(VerificationReport report) {
            return report.with(report.restored().with(this));
        }
    }

    /**
     * The restore and pg_restore's errors.
     *
     * @param budget the maximum duration; empty when there is no limit
     * @param jobs the number of pg_restore's jobs
     * @param severalJobs the earlier restore; empty when there was only one restore
     */
    public record Restore(
            Duration duration,
            Optional<Duration> budget,
            String roles,
            int jobs,
            Optional<SeveralJobs> severalJobs,
            int exitStatus,
            List<GradedError> errors)
            implements Fact {
        public Restore {
            errors = List.copyOf(errors);
        }

        @Override
        public VerificationReport addTo(VerificationReport report) {
            return report.with(report.restored().with(this));
        }
    }

    /**
     * A restore that left differences and does not decide the verdict, because a restore with one job followed.
     *
     * @param changedOrLost differences after this restore that the other did not have: objects, expectations and errors
     */
    public record SeveralJobs(int jobs, Duration duration, List<String> changedOrLost) {
        public SeveralJobs {
            changedOrLost = List.copyOf(changedOrLost);
        }
    }

    /**
     * An error of pg_restore, graded by its effect.
     *
     * @param entry the archive's entry that it concerns; empty when it names none
     * @param harmless whether the comparison shows that nothing is missing
     * @param reason why it is harmless, or its effect
     */
    public record GradedError(String entry, String message, boolean harmless, String reason) {}

    /**
     * What was compared.
     *
     * @param comparison the level: none, schema, rows, content
     * @param baseline the reference: {@code snapshot}, the source under the snapshot of the dump; {@code manifest}, the same
     *     from the manifest of the archive; {@code live}, the source as it is now; {@code none}, the archive alone
     * @param entries the number of compared objects of archive and restored database, by kind
     * @param sourceEntries the number of compared objects of source and archive, by kind; only those that the source's catalogs
     *     list
     * @param differences the number of differences, including tolerated ones, by the kind of the object
     * @param coverage how many tables the expectations touch
     * @param tableRows the rows of each table, largest first; empty when rows were not compared
     * @param notes differences without significance
     */
    public record Compared(
            String comparison,
            String baseline,
            Map<String, Integer> entries,
            Map<String, Integer> sourceEntries,
            Map<String, Integer> differences,
            long tables,
            long rows,
            long sequences,
            Coverage coverage,
            List<TableRows> tableRows,
            List<String> notes)
            implements Fact {
        public Compared {
            tableRows = List.copyOf(tableRows);
            notes = List.copyOf(notes);
        }

        @Override
        public VerificationReport addTo(VerificationReport report) {
            return report.with(new Checked(Optional.of(this), report.checks()));
        }
    }

    /**
     * The coverage of the declared expectations.
     *
     * @param touched the number of the archive's tables that an expectation names, directly or by a column, constraint, trigger
     *     or policy
     * @param tables the number of all tables of the archive
     */
    public record Coverage(long touched, long tables) {}

    /**
     * The number of rows of a table, and their size in bytes, with TOAST and without indexes. The source's size can be larger,
     * because dead rows take space too. A number is empty when there is no such table.
     *
     * @param source rows under the snapshot; without a source, rows in the archive
     */
    public record TableRows(
            String table,
            Optional<Long> source,
            Optional<Long> restored,
            Optional<Long> sourceBytes,
            Optional<Long> restoredBytes) {}

    /**
     * The hand-over of the restored database.
     *
     * @param role the only role that could log in
     * @param superuser whether that role is a superuser
     * @param way how others could connect
     * @param tools the tools whose own properties were set
     * @param maximumLifetime the maximum duration if nobody stops it
     * @param ended how it ended; empty while it lasts, and when the build was killed
     */
    public record HandOver(
            String role,
            boolean superuser,
            String way,
            List<String> tools,
            Duration maximumLifetime,
            Optional<Ended> ended)
            implements Fact {
        public HandOver {
            tools = List.copyOf(tools);
        }

        /** The same, after its end. */
        public HandOver after(Ended end) {
            return new HandOver(role, superuser, way, tools, maximumLifetime, Optional.of(end));
        }

        @Override
        public VerificationReport addTo(VerificationReport report) {
            return report.with(new Used(
                    report.used().expectationTest(),
                    Optional.of(this),
                    report.used().rehearsal()));
        }
    }

    /**
     * The end of a hand-over.
     *
     * @param lasted its actual duration
     * @param sessions the number of sessions
     */
    public record Ended(Duration lasted, int sessions) {}

    /**
     * Impact on production.
     *
     * @param sessions our sessions and the transaction ids assigned to them, if any
     * @param changedByOthers what differs between the probes
     * @param before the source's logical state under the snapshot, by name
     * @param after the source's logical state after the dump, by name
     */
    public record Production(
            Map<String, String> sessions,
            List<String> changedByOthers,
            Map<String, String> before,
            Map<String, String> after)
            implements Fact {
        public Production {
            changedByOthers = List.copyOf(changedByOthers);
        }

        @Override
        public VerificationReport addTo(VerificationReport report) {
            return report.with(report.acquired().with(this));
        }
    }
}
