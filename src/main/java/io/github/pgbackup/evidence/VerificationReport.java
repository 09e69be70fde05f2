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
 * Everything that is known after a run; the evidence is written from it and from nothing else. A part that the run did
 * not reach is null or empty.
 *
 * @param plugin the plugin's version
 * @param problem why the verification could not run to its end; null unless the verdict is {@code NOT_VERIFIED}
 * @param doesNotContain what a backup of this database leaves out by its nature, and what would restore it
 * @param demands what the backup had to satisfy; null when the configuration could not be read
 * @param method what was asked, and how; null when the configuration could not be read
 * @param boundTo commit and files that the verdict is bound to; null when none were configured
 * @param audit what an auditor asks besides; null when the configuration could not be read
 * @param expectationTest what became of faults that were made in the restored database; null when none were
 * @param handOver who the restored database was handed over to; null when it was not
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

    /** Whether nothing is wrong but that the last PASS of the history is too long ago. */
    public boolean failsForTheGapAlone() {
        return verdict == Verdict.FAIL
                && failedChecks().stream()
                        .allMatch(check -> check.group().equals(Check.HISTORY)
                                && check.name().equals(Check.GAP));
    }

    /** The report of a run that could not begin, as its configuration cannot be carried out. */
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

    /** Fact, items and remedy, a line each; empty when there is no problem. */
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

    /** A part of the run. */
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
     * The one snapshot that the dump and the source's figures share.
     *
     * @param takenAt by the source's clock
     * @param takenAfter since the run began, by the clock of this machine
     * @param held from its export until it was let go
     */
    public record Snapshot(String id, Instant takenAt, Duration takenAfter, Duration held) implements Fact {}

    /**
     * The backup.
     *
     * @param path relative to the evidence folder; absolute when it was there already
     * @param compression as the archive says
     * @param role that it was taken by; null when the run did not take it, and so with the next one
     * @param duration of the dump, or of reading and unpacking it
     * @param kept whether it is still there
     * @param stored where it is besides; null when it was not stored elsewhere
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

        /** The same, once the archive itself is not kept. */
        public Archive deleted() {
            return with(false, stored);
        }

        /** The same, once it is kept elsewhere, too. */
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
     * An archive that was there already.
     *
     * @param database the one that it is of, as its header says
     * @param found by which name or pattern, and of how many
     * @param form what the file is, for example {@code tar in gzip}
     * @param createdAt by its header: an ISO-8601 date and time in the time zone of the machine that it was taken on, which it
     *     does not name
     * @param takenAt of what instant it is: by its manifest, else the time in its header taken as this machine's
     * @param manifest the file that says what the source held; null when there was none
     * @param files of a backup in several files each of them; null when it is a single one
     */
    public record Given(
            String database,
            String found,
            String form,
            String createdAt,
            Instant takenAt,
            @Nullable String manifest,
            @Nullable List<GivenFile> files) {}

    /** One of several files that make a backup together. */
    public record GivenFile(String path, String sha256, long bytes, String form) {}

    /** Copies that outlast the build's directory, by their absolute paths. */
    public record Stored(String archive, String roles, String manifest) {}

    /**
     * What was asked, and how, without secrets.
     *
     * @param parameters the plugin's as they were in effect, by the names of their properties without the prefix
     * @param dump pg_dump with its arguments; null when it was not reached, and so the next one
     * @param restore pg_restore with its arguments
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
     * A query of the user's, and what it must return.
     *
     * @param role as which it was asked of the restored database; null: as the superuser
     */
    public record Query(
            String name,
            String sql,
            String returns,
            @Nullable String role) {}

    /**
     * The throw-away server.
     *
     * @param isolation what was measured of it, by name
     * @param removal the proof that it is gone, by name
     */
    public record Target(
            String engine,
            String reason,
            String serverVersion,
            Map<String, String> isolation,
            Map<String, String> removal)
            implements Fact {

        /** The same, once it was removed. */
        public Target removed(Map<String, String> proof) {
            return new Target(engine, reason, serverVersion, isolation, proof);
        }
    }

    /**
     * The restore and what pg_restore complained of.
     *
     * @param budget how long it may take; null when no limit was set
     * @param jobs of pg_restore
     * @param severalJobs the restore before this one; null when there was one restore
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
     * A restore that left differences, and that decides nothing: there was another one with one job.
     *
     * @param changedOrLost what differed after this restore and not after the other: objects, expectations and errors
     */
    public record SeveralJobs(int jobs, Duration duration, List<String> changedOrLost) {
        public SeveralJobs {
            changedOrLost = List.copyOf(changedOrLost);
        }
    }

    /**
     * An error of pg_restore, by its effect.
     *
     * @param entry the archive's entry it came from; empty when it names none
     * @param harmless whether the comparison shows that nothing is missing
     * @param reason why it is harmless, or what it caused
     */
    public record GradedError(String entry, String message, boolean harmless, String reason) {}

    /**
     * What was compared.
     *
     * @param comparison how much: none, schema, rows, content
     * @param baseline what there was to compare with: {@code snapshot}, the source under the snapshot of the dump;
     *     {@code manifest}, the same as it was written down then; {@code none}, the archive alone
     * @param entries objects of archive and restored database compared, by kind
     * @param sourceEntries objects of source and archive compared, by kind; those alone that a catalog of the source lists
     * @param differences how many were found, tolerated ones too, by the kind of object that they are of
     * @param coverage how many tables the expectations touch
     * @param tableRows the rows of each table, those with the most first; empty when rows were not compared
     * @param notes what is not the same and means nothing
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
     * What the declared expectations reach.
     *
     * @param touched tables of the archive that an expectation names, or whose column, constraint, trigger or policy
     * @param tables all tables of the archive
     */
    public record Coverage(long touched, long tables) {}

    /**
     * How many rows a table has, and how many bytes it takes for them: with TOAST, without indexes. The source's can be
     * more, as dead rows take room too. A figure is null when there is no such table.
     *
     * @param source rows under the snapshot; where the archive is all there is, rows in it
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
     * @param role that could log in, and no other
     * @param superuser whether that role has every right
     * @param way how it was reached
     * @param tools whose own properties were set to it
     * @param maximumLifetime how long it is kept when nobody stops it
     * @param lasted until it was ended; null while it goes on, and when the build was killed, and so the next one
     * @param sessions how many were opened
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

        /** The same, once it was ended. */
        public HandOver ended(Duration after, int opened) {
            return new HandOver(role, superuser, way, tools, maximumLifetime, after, opened);
        }
    }

    /**
     * Impact on production.
     *
     * @param sessions each session of ours and the transaction id that it was assigned, or none
     * @param changedByOthers what differs between the probes
     * @param before the source's logical state at the snapshot, by name
     * @param after the same after the dump
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
