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
import org.jspecify.annotations.Nullable;

/**
 * Everything that is known after a run. The evidence is written from it alone. A part that the run did not reach is null
 * or empty.
 *
 * @param plugin the plugin's version
 * @param problem why the verification could not run to its end; null unless the verdict is {@code NOT_VERIFIED}
 * @param doesNotContain what a backup of this database never contains, and how to restore it
 * @param demands what the backup had to satisfy; null when the configuration could not be read
 * @param method how the backup was verified; null when the configuration could not be read
 * @param boundTo commit and files that the verdict is bound to; null when none were configured
 * @param audit further information for an auditor; null when the configuration could not be read
 * @param expectationTest the result of the test of the expectations; null when they were not tested
 * @param handOver the hand-over of the restored database; null when there was none
 * @param rehearsal what migrations did to the restored database; null when none were rehearsed
 */
public record VerificationReport(
        String plugin,
        Verdict verdict,
        Instant startedAt,
        Duration duration,
        @Nullable Problem problem,
        @Nullable Source source,
        @Nullable Snapshot snapshot,
        @Nullable Archive archive,
        @Nullable Target target,
        @Nullable Restore restore,
        @Nullable Compared comparison,
        @Nullable Production production,
        List<Check> checks,
        List<Stage> stages,
        List<String> doesNotContain,
        List<String> warnings,
        @Nullable Demands demands,
        @Nullable Method method,
        @Nullable BoundTo boundTo,
        @Nullable Audit audit,
        @Nullable ExpectationTest expectationTest,
        @Nullable HandOver handOver,
        @Nullable RehearsalReport rehearsal) {

    public VerificationReport {
        checks = List.copyOf(checks);
        stages = List.copyOf(stages);
        doesNotContain = List.copyOf(doesNotContain);
        warnings = List.copyOf(warnings);
    }

    /** The passed checks that found a difference which the configuration accepts. */
    public List<Check> toleratedChecks() {
        return checks.stream().filter(check -> check.tolerated() != null).toList();
    }

    public List<Check> failedChecks() {
        return checks.stream().filter(check -> !check.passed()).toList();
    }

    /** Whether the only failure is that the last PASS of the history is too long ago. */
    public boolean failsForTheGapAlone() {
        return verdict == Verdict.FAIL
                && failedChecks().stream()
                        .allMatch(check -> check.group().equals(Check.HISTORY)
                                && check.name().equals(Check.GAP));
    }

    /** The report of a run that could not begin because its configuration is invalid. */
    public static VerificationReport invalid(String plugin, List<String> problems) {
        return new VerificationReport(
                plugin,
                Verdict.NOT_VERIFIED,
                Instant.now(),
                Duration.ZERO,
                new Problem(
                        problems.size() == 1
                                ? "The configuration has a problem:"
                                : "The configuration has " + problems.size() + " problems:",
                        problems,
                        Remedy.CORRECT_THE_TAGS.text()),
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                null,
                null,
                null,
                null,
                null,
                null,
                null);
    }

    /** Fact, items and remedy, one line each; empty when there is no problem. */
    public String problemText() {
        List<String> lines = new ArrayList<>();
        if (problem != null) {
            lines.add(problem.fact());
            problem.items().forEach(item -> lines.add("- " + item));
            if (!problem.remedy().isEmpty()) {
                lines.add(problem.remedy());
            }
        }
        return String.join("\n", lines);
    }

    /**
     * Why verification could not run, and what to do about it.
     *
     * @param items the facts one by one, when there are several
     */
    public record Problem(String fact, List<String> items, String remedy) {
        public Problem {
            items = List.copyOf(items);
        }

        public Problem(String fact, String remedy) {
            this(fact, List.of(), remedy);
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
            @Nullable Instant serverStartedAt,
            boolean standby,
            String server)
            implements Fact {}

    /**
     * The snapshot that the dump and the source's observations share.
     *
     * @param takenAt by the source's clock
     * @param takenAfter the time from the beginning of the run, by the clock of this machine
     * @param held the time from its export to its release
     */
    public record Snapshot(String id, Instant takenAt, Duration takenAfter, Duration held) implements Fact {}

    /**
     * The backup.
     *
     * @param path relative to the evidence folder; absolute for an existing archive
     * @param compression the compression according to the archive
     * @param role the role that took it; null when the run did not take it
     * @param superuser whether that role is a superuser; null when the run did not take it
     * @param duration the duration of the dump, or of reading and unpacking it
     * @param kept whether it still exists
     * @param stored its further copies; null when it was not stored elsewhere
     * @param given how it was found; null when the run took it
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
            @Nullable String role,
            @Nullable Boolean superuser,
            Duration duration,
            boolean kept,
            @Nullable Stored stored,
            @Nullable Given given)
            implements Fact {

        /** The same, after the archive itself was deleted. */
        public Archive deleted() {
            return with(false, stored);
        }

        /** The same, after it was also stored elsewhere. */
        public Archive storedIn(Stored place) {
            return with(kept, place);
        }

        private Archive with(boolean nowKept, @Nullable Stored nowStored) {
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
                    role,
                    superuser,
                    duration,
                    nowKept,
                    nowStored,
                    given);
        }
    }

    /**
     * An existing archive.
     *
     * @param database the database's name according to the header
     * @param found the name or pattern that found it, and the number of matches
     * @param form the form of the file, for example {@code tar in gzip}
     * @param createdAt the time in its header: an ISO-8601 date and time, in the time zone of the machine that took it, which
     *     the header does not name
     * @param takenAt the instant of its state: from its manifest, else the time in its header, read in this machine's time zone
     * @param manifest the file that records what the source contained; null when there was none
     * @param files the files of a backup in several files; null for a single file
     */
    public record Given(
            String database,
            String found,
            String form,
            String createdAt,
            Instant takenAt,
            @Nullable String manifest,
            @Nullable List<GivenFile> files) {}

    /** One of several files that form a backup together. */
    public record GivenFile(String path, String sha256, long bytes, String form) {}

    /** Copies that outlast the build's directory, by their absolute paths. */
    public record Stored(String archive, String roles, String manifest) {}

    /**
     * How the backup was verified, without secrets.
     *
     * @param parameters the plugin's effective parameters, by the names of their properties without the prefix
     * @param dump pg_dump with its arguments; null when the run did not reach it
     * @param restore pg_restore with its arguments; null when the run did not reach it
     */
    public record Method(
            Map<String, String> parameters,
            @Nullable List<String> dump,
            @Nullable List<String> restore,
            List<Query> queries) {
        public Method {
            queries = List.copyOf(queries);
        }
    }

    /**
     * A query of the user, and what it must return.
     *
     * @param role the role that ran it in the restored database; null for the superuser
     */
    public record Query(
            String name,
            String sql,
            String returns,
            @Nullable String role) {}

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
    }

    /**
     * The restore and pg_restore's errors.
     *
     * @param budget the maximum duration; null when there is no limit
     * @param jobs the number of pg_restore's jobs
     * @param severalJobs the earlier restore; null when there was only one restore
     */
    public record Restore(
            Duration duration,
            @Nullable Duration budget,
            String roles,
            int jobs,
            @Nullable SeveralJobs severalJobs,
            int exitStatus,
            List<GradedError> errors) {
        public Restore {
            errors = List.copyOf(errors);
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
            List<String> notes) {
        public Compared {
            tableRows = List.copyOf(tableRows);
            notes = List.copyOf(notes);
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
     * because dead rows take space too. A number is null when there is no such table.
     *
     * @param source rows under the snapshot; without a source, rows in the archive
     */
    public record TableRows(
            String table,
            @Nullable Long source,
            @Nullable Long restored,
            @Nullable Long sourceBytes,
            @Nullable Long restoredBytes) {}

    /**
     * The hand-over of the restored database.
     *
     * @param role the only role that could log in
     * @param superuser whether that role is a superuser
     * @param way how others could connect
     * @param tools the tools whose own properties were set
     * @param maximumLifetime the maximum duration if nobody stops it
     * @param lasted the actual duration; null while it lasts, and when the build was killed
     * @param sessions the number of sessions; null in the same cases
     */
    public record HandOver(
            String role,
            boolean superuser,
            String way,
            List<String> tools,
            Duration maximumLifetime,
            @Nullable Duration lasted,
            @Nullable Integer sessions) {
        public HandOver {
            tools = List.copyOf(tools);
        }

        /** The same, after its end. */
        public HandOver ended(Duration after, int opened) {
            return new HandOver(role, superuser, way, tools, maximumLifetime, after, opened);
        }
    }

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
    }
}
