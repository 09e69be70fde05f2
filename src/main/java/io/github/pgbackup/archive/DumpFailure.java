package io.github.pgbackup.archive;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.Remedy;
import io.github.pgbackup.Setting;
import io.github.pgbackup.postgres.PostgresVersion;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds out why a pg_dump failed, and the remedy, from the messages of pg_dump and of the server in the C locale. */
final class DumpFailure {

    /** The fact is a format string; its argument is the first group of the pattern, if there is one. */
    private record Reason(Pattern pattern, String fact, Remedy remedy, boolean isTransient) {
        Reason(String pattern, String fact, Remedy remedy) {
            this(Pattern.compile(pattern), fact, remedy, false);
        }

        Reason worthRetrying() {
            return new Reason(pattern, fact, remedy, true);
        }
    }

    private static final List<Reason> REASONS = List.of(
            new Reason(
                    "server version mismatch",
                    "pg_dump is older than the server and refuses to dump it.",
                    Remedy.USE_A_NEWER_CLIENT),
            new Reason(
                    "query would be affected by row-level security policy for table (\"[^\\n]*\")",
                    "Row-level security hides rows of table %s from the source's role.",
                    Remedy.DUMP_AS_A_ROLE_THAT_SEES_EVERY_ROW),
            new Reason(
                    "permission denied for ([^\\n]*)",
                    "The source's role has no right to read %s.",
                    Remedy.DUMP_AS_A_ROLE_THAT_READS_EVERYTHING),
            new Reason(
                            // pg_dump's --lock-wait-timeout is the statement_timeout of its LOCK TABLE.
                            "due to lock timeout|due to statement timeout\n[^\n]*LOCK TABLE",
                            "pg_dump waited for a lock on a table longer than " + Setting.LOCK_WAIT_TIMEOUT
                                    + " allows.",
                            Remedy.RAISE_LOCK_WAIT_TIMEOUT)
                    .worthRetrying(),
            new Reason(
                    "invalid snapshot identifier|snapshot \"[^\\n]*\" does not exist"
                            + "|could not import the requested snapshot|a snapshot-importing transaction",
                    "The server that pg_dump reached does not know the snapshot that was exported for it.",
                    Remedy.CONNECT_TO_ONE_SERVER),
            new Reason(
                    "password authentication failed|no password supplied|authentication failed",
                    "The server refused the source's role or password.",
                    Remedy.CORRECT_THE_CREDENTIALS),
            new Reason(
                            "conflict with recovery",
                            "The source is a standby; it cancelled the dump to continue replication.",
                            Remedy.LET_THE_STANDBY_WAIT_OR_DUMP_THE_PRIMARY)
                    .worthRetrying(),
            new Reason(
                    "No space left on device|Disk quota exceeded",
                    "The disk is full.",
                    Remedy.MAKE_ROOM_FOR_THE_ARCHIVE_OR_ON_THE_SERVER),
            new Reason(
                    "does not support compression with|not compiled with [a-zA-Z0-9]+ support"
                            + "|not built with [a-z0-9]+ support",
                    "This build of pg_dump does not support this compression method.",
                    Remedy.COMPRESS_BY_ANOTHER_METHOD),
            new Reason(
                            "terminating connection due to administrator command|canceling statement due to user request",
                            "The dump was cancelled on the server.",
                            Remedy.FIND_OUT_WHO_CANCELLED)
                    .worthRetrying(),
            new Reason(
                            "server closed the connection unexpectedly|could not connect|connection to server"
                                    + "|could not (?:receive data from|send data to) server|SSL SYSCALL error"
                                    + "|SSL connection has been closed unexpectedly",
                            "pg_dump could not reach the server, or lost its connection.",
                            Remedy.CHECK_THE_SOURCE)
                    .worthRetrying());

    private DumpFailure() {}

    static CannotVerifyException explain(PostgresVersion client, int status, String errors) {
        String output = errors.isEmpty() ? "pg_dump gave no reason." : "pg_dump says:\n" + errors;
        for (Reason reason : REASONS) {
            Matcher matcher = reason.pattern.matcher(errors);
            if (matcher.find()) {
                Object[] arguments = matcher.groupCount() > 0 ? new Object[] {matcher.group(1)} : new Object[0];
                String fact = reason.fact.formatted(arguments) + " " + output + "\n";
                return reason.isTransient()
                        ? CannotVerifyException.ofTransient(fact, reason.remedy, null)
                        : new CannotVerifyException(fact, reason.remedy);
            }
        }
        return new CannotVerifyException(
                "pg_dump %s exited with status %d; expected 0. %s%n".formatted(client, status, output),
                Remedy.READ_THE_LOG_OF_PG_DUMP);
    }
}
