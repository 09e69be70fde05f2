package io.github.pgbackup.archive;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.postgres.PostgresVersion;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Knows why a pg_dump fails and what to do about it, by the words of pg_dump and of the server in the C locale. */
final class DumpFailure {

    /** fact is a format whose argument is the first group of the pattern, where it has one. */
    private record Reason(Pattern pattern, String fact, String remedy, boolean passing) {
        Reason(String pattern, String fact, String remedy) {
            this(Pattern.compile(pattern), fact, remedy, false);
        }

        Reason mayPass() {
            return new Reason(pattern, fact, remedy, true);
        }
    }

    private static final List<Reason> REASONS = List.of(
            new Reason(
                    "server version mismatch",
                    "pg_dump is older than the server, and refuses to dump it.",
                    "Put the client programs of the server's major version, or newer ones, first on the PATH."),
            new Reason(
                    "query would be affected by row-level security policy for table (\"[^\\n]*\")",
                    "Row-level security hides rows of table %s from the source's role.",
                    "Dump as a role with BYPASSRLS or as a superuser: set <serverId> or <user> of <source>."),
            new Reason(
                    "permission denied for ([^\\n]*)",
                    "The source's role has no right to read %s.",
                    "Grant it the role pg_read_all_data (PostgreSQL 14 and newer) or the missing privilege, or set"
                            + " <serverId> of <source> to a role that can read everything."),
            new Reason(
                            // pg_dump's --lock-wait-timeout is the statement_timeout of its LOCK TABLE.
                            "due to lock timeout|due to statement timeout\n[^\n]*LOCK TABLE",
                            "pg_dump waited for a lock on a table longer than <lockWaitTimeout> allows.",
                            "Run the backup when no migration runs, or raise <lockWaitTimeout> (-Dpgbackup.lockWaitTimeout).")
                    .mayPass(),
            new Reason(
                    "invalid snapshot identifier|snapshot \"[^\\n]*\" does not exist"
                            + "|could not import the requested snapshot|a snapshot-importing transaction",
                    "The server that pg_dump reached does not know the snapshot that was exported for it.",
                    "Connect to the server itself: give <url> of <source> the address of one server, not that of a"
                            + " connection pooler or of a load balancer."),
            new Reason(
                    "password authentication failed|no password supplied|authentication failed",
                    "The server refused the source's role or password.",
                    "Correct the server entry that <serverId> of <source> names, or PGBACKUP_USER and"
                            + " PGBACKUP_PASSWORD, or the line in ~/.pgpass."),
            new Reason(
                            "conflict with recovery",
                            "The source is a standby, and it cancelled the dump to go on with replication.",
                            "Set hot_standby_feedback = on or a longer max_standby_streaming_delay on the standby, or give <url>"
                                    + " of <source> the primary.")
                    .mayPass(),
            new Reason(
                    "No space left on device|Disk quota exceeded",
                    "The disk is full.",
                    "Make room, or set <outputDirectory> (-Dpgbackup.outputDirectory) to a disk that has room for the"
                            + " compressed database; a message with ERROR: speaks of the server's disk."),
            new Reason(
                    "does not support compression with|not compiled with [a-zA-Z0-9]+ support"
                            + "|not built with [a-z0-9]+ support",
                    "This build of pg_dump lacks the method of compression.",
                    "Set <compression> of <backup> to gzip or none."),
            new Reason(
                            "terminating connection due to administrator command|canceling statement due to user request",
                            "The dump was cancelled on the server.",
                            "Find out in the server's log who cancelled it, and run the build again.")
                    .mayPass(),
            new Reason(
                            "server closed the connection unexpectedly|could not connect|connection to server",
                            "pg_dump could not reach the server, or lost it.",
                            "Look into the server's log, and check <url> of <source>.")
                    .mayPass());

    private DumpFailure() {}

    static CannotVerifyException explain(PostgresVersion client, int status, String errors) {
        String said = errors.isEmpty() ? "pg_dump says nothing about it." : "pg_dump says:\n" + errors;
        for (Reason reason : REASONS) {
            Matcher matcher = reason.pattern.matcher(errors);
            if (matcher.find()) {
                Object[] named = matcher.groupCount() > 0 ? new Object[] {matcher.group(1)} : new Object[0];
                String fact = reason.fact.formatted(named) + " " + said + "\n";
                return reason.passing
                        ? CannotVerifyException.passing(fact, reason.remedy, null)
                        : new CannotVerifyException(fact, reason.remedy);
            }
        }
        return new CannotVerifyException(
                "pg_dump %s ended with status %d, expected was 0. %s%n".formatted(client, status, said),
                "Its whole output is in logs/pg_dump.log.");
    }
}
