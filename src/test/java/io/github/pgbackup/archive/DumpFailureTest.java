package io.github.pgbackup.archive;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.postgres.PostgresVersion;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class DumpFailureTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "aborting because of server version mismatch | pg_dump is older than the server and refuses to dump it.",
                "query failed: ERROR:  permission denied for table orders | The source's role has no right to read table"
                        + " orders.",
                "query failed: ERROR:  permission denied for sequence s | The source's role has no right to read sequence"
                        + " s.",
                "query failed: ERROR:  query would be affected by row-level security policy for table \"t\" | Row-level"
                        + " security hides rows of table \"t\" from the source's role.",
                "query failed: ERROR:  canceling statement due to lock timeout | pg_dump waited for a lock on a table"
                        + " longer than <lockWaitTimeout> allows.",
                "query failed: ERROR:  invalid snapshot identifier: \"1\" | The server that pg_dump reached does not know"
                        + " the snapshot that was exported for it.",
                "query failed: ERROR:  snapshot \"1\" does not exist | The server that pg_dump reached does not know"
                        + " the snapshot that was exported for it.",
                "connection to server at \"h\" failed: FATAL:  password authentication failed for user \"u\" | The server"
                        + " refused the source's role or password.",
                "connection to server at \"h\" failed: fe_sendauth: no password supplied | The server refused the source's"
                        + " role or password.",
                "Dumping the contents of table \"t\" failed: ERROR:  canceling statement due to conflict with recovery |"
                        + " The source is a standby; it cancelled the dump to continue replication.",
                "could not write to file: No space left on device | The disk is full.",
                "this build does not support compression with LZ4 | This build of pg_dump does not support this compression method.",
                "connection to server at \"h\" failed: Connection refused | pg_dump could not reach the server, or lost its connection.",
                "Dumping the contents of table \"t\" failed: could not receive data from server: Connection timed out |"
                        + " pg_dump could not reach the server, or lost its connection.",
                "Dumping the contents of table \"t\" failed: SSL SYSCALL error: EOF detected | pg_dump could not reach"
                        + " the server, or lost its connection.",
            })
    void a_known_reason_comes_first(String said, String fact) {
        CannotVerifyException failure = explain("pg_dump: error: " + said);
        assertThat(failure.fact()).isEqualTo(fact + " pg_dump says:\npg_dump: error: " + said + "\n");
        assertThat(failure.remedy()).isNotEmpty();
    }

    @Test
    void the_lock_timeout_of_pg_dump_is_a_statement_timeout() {
        assertThat(explain("""
                                pg_dump: error: query failed: ERROR:  canceling statement due to statement timeout
                                pg_dump: detail: Query was: LOCK TABLE app.orders IN ACCESS SHARE MODE""").fact())
                .startsWith("pg_dump waited for a lock on a table longer than <lockWaitTimeout> allows. ");
    }

    @Test
    void an_unknown_reason_is_reported_in_the_words_of_pg_dump() {
        assertThat(explain("pg_dump: error: out of memory"))
                .hasMessage("pg_dump 15.18 exited with status 1; expected 0. pg_dump says:\n"
                        + "pg_dump: error: out of memory\n Its whole output is in logs/pg_dump.log.");
    }

    @Test
    void verbose_messages_are_not_errors() {
        ClientErrors errors = new ClientErrors("pg_dump");
        """
        pg_dump: reading schemas
        pg_dump: error: query failed: ERROR:  permission denied for table orders
        DETAIL:  nothing more
        pg_dump: detail: Query was: LOCK TABLE app.orders IN ACCESS SHARE MODE
        pg_dump: dumping contents of table "app.error: x"
        continued""".lines().forEach(errors::accept);
        assertThat(errors.text()).isEqualTo("""
                        pg_dump: error: query failed: ERROR:  permission denied for table orders
                        DETAIL:  nothing more
                        pg_dump: detail: Query was: LOCK TABLE app.orders IN ACCESS SHARE MODE""");
    }

    private static CannotVerifyException explain(String errors) {
        return DumpFailure.explain(PostgresVersion.ofNumber(150018), 1, errors);
    }
}
