package io.github.pgbackup.rehearsal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.github.pgbackup.rehearsal.RehearsalReport.Statement;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class StatementTapTest {

    private final StatementLog log = new StatementLog(System.nanoTime(), () -> Duration.ZERO);
    private final StatementTap tap = log.open();

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7, 8_192})
    void messages_may_come_in_pieces_of_any_size(int size) {
        client(size, message('Q', "update a set x = 'canary'; delete from a where x = 5"));
        server(
                size,
                message('C', "UPDATE 12"),
                message('D', "canary"),
                message('C', "DELETE 3"),
                message('Z', new byte[] {'I'}));
        client(size, message('Q', "copy a from stdin"));
        client(size, message('d', "canary\n"), message('c', new byte[0]));
        server(size, message('G', new byte[7]), message('C', "COPY 1"), message('Z', new byte[] {'I'}));

        assertThat(log.statements())
                .extracting(Statement::sql, Statement::command, Statement::rows)
                .containsExactly(
                        tuple("update a set x = ?", "UPDATE", 12L),
                        tuple("delete from a where x = ?", "DELETE", 3L),
                        tuple("copy a from stdin", "COPY", 1L));
    }

    @Test
    void prepared_statements_are_found_by_name_and_equal_ones_share_one_entry() {
        client(
                64,
                message('P', "s1\0insert into a values ($1)\0"),
                message('B', "\0s1\0"),
                message('E', "\0"),
                message('B', "\0s1\0"),
                message('E', "\0"),
                message('S', new byte[0]));
        server(
                64,
                message('1', new byte[0]),
                message('2', new byte[0]),
                message('C', "INSERT 0 1"),
                message('2', new byte[0]),
                message('C', "INSERT 0 4"),
                message('Z', new byte[] {'I'}));

        assertThat(log.statements()).singleElement().satisfies(statement -> {
            assertThat(statement.sql()).isEqualTo("insert into a values ($1)");
            assertThat(statement.calls()).isEqualTo(2);
            assertThat(statement.rows()).isEqualTo(5);
        });
    }

    @Test
    void statements_that_the_server_skips_after_an_error_did_not_run() {
        client(
                64,
                message('P', "\0select wrong\0"),
                message('B', "\0\0"),
                message('E', "\0"),
                message('P', "\0drop table a\0"),
                message('B', "\0\0"),
                message('E', "\0"),
                message('S', new byte[0]),
                message('Q', "select 1"));
        server(
                64,
                message('E', "SERROR\0C42703\0Mcolumn \"wrong\" does not exist\0\0"),
                message('Z', new byte[] {'I'}),
                message('C', "SELECT 1"),
                message('Z', new byte[] {'I'}));

        assertThat(log.statements())
                .extracting(Statement::sql, Statement::error)
                .containsExactly(
                        tuple("select wrong", "column \"wrong\" does not exist (SQLSTATE 42703)"),
                        tuple("select ?", null));
    }

    @Test
    void a_message_that_may_quote_a_value_is_not_repeated() {
        client(64, message('Q', "insert into a values (5)"));
        server(
                64,
                message('E', "SERROR\0C23505\0Mduplicate key\0DKey (x)=(canary) already exists.\0\0"),
                message('Z', new byte[] {'I'}));

        assertThat(log.statements()).extracting(Statement::error).containsExactly("SQLSTATE 23505");
    }

    @Test
    void a_statement_of_megabytes_is_counted_without_its_text() {
        client(8_192, message('Q', "insert into a values ('" + "canary".repeat(300_000) + "')"));
        server(64, message('C', "INSERT 0 1"), message('Z', new byte[] {'I'}));

        assertThat(log.statements())
                .extracting(Statement::sql)
                .containsExactly("a statement that is too long to be shown");
    }

    @Test
    void entries_beyond_ten_thousand_are_only_counted() {
        for (int i = 0; i < 10_002; i++) {
            client(64, message('Q', "create table t" + i + " ()"));
            server(64, message('C', "CREATE TABLE"), message('Z', new byte[] {'I'}));
        }

        assertThat(log.statements()).hasSize(10_000);
        assertThat(log.uncounted()).isEqualTo(2);
    }

    /** The delay for the observer is not part of the statement's time. */
    @Test
    void the_delay_of_a_commit_is_not_counted() {
        StatementLog holding = new StatementLog(System.nanoTime(), () -> Duration.ofHours(1));
        StatementTap of = holding.open();
        feed(of::fromClient, 64, message('Q', "alter table a add b int"));
        feed(of::fromServer, 64, message('C', "ALTER TABLE"), message('Z', new byte[] {'T'}));
        feed(of::fromClient, 64, message('Q', "alter table a add c int"));
        feed(of::fromServer, 64, message('C', "ALTER TABLE"), message('Z', new byte[] {'T'}));

        List<Statement> statements = holding.statements();
        assertThat(statements.get(0).total()).isZero();
        assertThat(statements.get(1).total()).isPositive();
    }

    @Test
    void no_constant_is_shown() {
        assertThat(SqlText.withoutConstants(
                        "select 'a''b', E'\\'x', $$y$$, $t$z$t$, 1, 1.5e10, 0x1F, \"Na me\", a1 -- 'c'\n, $1 /* 5 */"))
                .isEqualTo("select ?, ?, ?, ?, ?, ?.?, ?, \"Na me\", a1 , $1");
        assertThat(SqlText.withoutConstants("alter role x password 'unclosed")).isEqualTo("alter role x password ?");
        assertThat(SqlText.withoutConstants("select U&'d\\0061t', B'1', X'1F', N'n'"))
                .doesNotContain("1", "d\\", "'n'");
        assertThat(SqlText.withoutConstants("x ".repeat(3_000)))
                .hasSize(SqlText.LONGEST + 1)
                .endsWith("…");
    }

    @Test
    void a_text_is_split_into_its_statements() {
        assertThat(SqlText.statements(" ; select 1; ; select ';' ;\n-- ;\n"))
                .containsExactly(" select 1", " select ';' ");
        assertThat(SqlText.statements(
                        "create function f() returns int begin atomic select case when true then 1 end; end; select 2"))
                .hasSize(2);
    }

    // ---- messages ----

    private interface Direction {
        void read(byte[] bytes, int offset, int length);
    }

    private void client(int size, byte[]... messages) {
        feed(tap::fromClient, size, messages);
    }

    private void server(int size, byte[]... messages) {
        feed(tap::fromServer, size, messages);
    }

    private static void feed(Direction direction, int size, byte[]... messages) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] message : messages) {
            all.writeBytes(message);
        }
        byte[] bytes = all.toByteArray();
        for (int at = 0; at < bytes.length; at += size) {
            direction.read(bytes, at, Math.min(size, bytes.length - at));
        }
    }

    private static byte[] message(char type, String body) {
        return message(type, (body + "\0").getBytes(StandardCharsets.UTF_8));
    }

    private static byte[] message(char type, byte[] body) {
        return ByteBuffer.allocate(5 + body.length)
                .put((byte) type)
                .putInt(4 + body.length)
                .put(body)
                .array();
    }
}
