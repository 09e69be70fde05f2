package io.github.pgbackup.rehearsal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.github.pgbackup.engine.PostgresServer;
import io.github.pgbackup.engine.ServerRequest;
import io.github.pgbackup.engine.local.LocalEngine;
import io.github.pgbackup.postgres.Installations;
import io.github.pgbackup.postgres.PostgresVersion;
import io.github.pgbackup.postgres.Session;
import io.github.pgbackup.rehearsal.RehearsalReport.Constraint;
import io.github.pgbackup.rehearsal.RehearsalReport.Index;
import io.github.pgbackup.rehearsal.RehearsalReport.Statement;
import io.github.pgbackup.rehearsal.RehearsalReport.Storage;
import io.github.pgbackup.rehearsal.RehearsalReport.Table;
import io.github.pgbackup.source.SilentConsole;
import io.github.pgbackup.test.Programs;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The measurements of migrations, compared with what PostgreSQL's manual says about their statements. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class RehearsalIT {

    /** A separate table for each statement: an ID, a number, a text, and a thousand rows. */
    private static final String TABLE = """
            create table %1$s (id int primary key, a int not null, s varchar(10), r int);
            insert into %1$s select g, g, 'x', 1 from generate_series(1, 1000) g;
            create index %1$s_s on %1$s (s);
            alter table %1$s add constraint %1$s_unchecked check (a > 0) not valid;
            """;

    @TempDir
    private Path logs;

    private final Map<Integer, PostgresServer> servers = new HashMap<>();
    private int databases;

    /** A statement, in which %s is its table, and its effect on the table. */
    private record Case(String sql, LockMode strongest, Storage storage) {}

    private static Stream<Case> cases() {
        return Stream.of(
                new Case(
                        "alter table %s add v int default (random() * 10)::int",
                        LockMode.ACCESS_EXCLUSIVE, Storage.REWRITTEN),
                new Case("alter table %s add c int default 5", LockMode.ACCESS_EXCLUSIVE, Storage.KEPT),
                new Case("alter table %s alter s type varchar(20)", LockMode.ACCESS_EXCLUSIVE, Storage.KEPT),
                new Case("alter table %s alter a type bigint", LockMode.ACCESS_EXCLUSIVE, Storage.REWRITTEN),
                new Case("alter table %s alter s set not null", LockMode.ACCESS_EXCLUSIVE, Storage.KEPT),
                new Case("alter table %s rename a to b", LockMode.ACCESS_EXCLUSIVE, Storage.KEPT),
                new Case("alter table %s drop column r", LockMode.ACCESS_EXCLUSIVE, Storage.KEPT),
                new Case("alter table %s enable row level security", LockMode.ACCESS_EXCLUSIVE, Storage.KEPT),
                new Case("alter table %s alter a set statistics 500", LockMode.SHARE_UPDATE_EXCLUSIVE, Storage.KEPT),
                new Case("create index on %s (a)", LockMode.SHARE, Storage.KEPT),
                new Case("create index concurrently on %s (a)", LockMode.SHARE_UPDATE_EXCLUSIVE, Storage.KEPT),
                new Case("alter table %s add unique (a)", LockMode.ACCESS_EXCLUSIVE, Storage.KEPT),
                new Case("drop index %s_s", LockMode.ACCESS_EXCLUSIVE, Storage.KEPT),
                new Case("reindex index %s_s", LockMode.ACCESS_EXCLUSIVE, Storage.KEPT),
                new Case("alter table %s add check (a > 0)", LockMode.ACCESS_EXCLUSIVE, Storage.KEPT),
                new Case("alter table %s add check (a > 0) not valid", LockMode.ACCESS_EXCLUSIVE, Storage.KEPT),
                new Case(
                        "alter table %1$s validate constraint %1$s_unchecked",
                        LockMode.SHARE_UPDATE_EXCLUSIVE, Storage.KEPT),
                new Case(
                        "alter table %s add foreign key (r) references other",
                        LockMode.SHARE_ROW_EXCLUSIVE, Storage.KEPT),
                new Case(
                        "create trigger t before insert on %s for each row execute function f()",
                        LockMode.SHARE_ROW_EXCLUSIVE, Storage.KEPT),
                new Case("comment on table %s is 'c'", LockMode.SHARE_UPDATE_EXCLUSIVE, Storage.KEPT),
                new Case("truncate %s", LockMode.ACCESS_EXCLUSIVE, Storage.EMPTIED),
                new Case("drop table %s", LockMode.ACCESS_EXCLUSIVE, Storage.DROPPED),
                new Case("cluster %1$s using %1$s_pkey", LockMode.ACCESS_EXCLUSIVE, Storage.REWRITTEN),
                new Case("vacuum full %s", LockMode.ACCESS_EXCLUSIVE, Storage.REWRITTEN),
                new Case("alter table %s set tablespace other_disk", LockMode.ACCESS_EXCLUSIVE, Storage.MOVED),
                new Case(
                        "alter table parts attach partition %1$s for values from (1) to (2000)",
                        LockMode.ACCESS_EXCLUSIVE, Storage.KEPT),
                new Case("analyze %s", LockMode.SHARE_UPDATE_EXCLUSIVE, Storage.KEPT),
                new Case("update %s set a = a + 1 where id <= 10", LockMode.ROW_EXCLUSIVE, Storage.KEPT),
                new Case("delete from %s where id <= 10", LockMode.ROW_EXCLUSIVE, Storage.KEPT));
    }

    @ParameterizedTest
    @ValueSource(ints = {13, 15, 18, 19})
    void each_statement_takes_the_locks_and_rewrites_the_tables_that_the_manual_says(int major) throws Exception {
        List<Case> cases = cases().toList();
        StringBuilder sql = new StringBuilder(
                "create table other (id int primary key); insert into other values (1);"
                        + "create function f() returns trigger language plpgsql as 'begin return new; end';"
                        + "create table parts (id int not null, a int not null, s varchar(10), r int) partition by range (id);");
        for (int i = 0; i < cases.size(); i++) {
            sql.append(TABLE.formatted("t" + i));
        }
        tablespace(major);
        RehearsalReport report = rehearseUntilAllWasSeen(major, sql.toString(), connection -> {
            for (int i = 0; i < cases.size(); i++) {
                execute(connection, cases.get(i).sql().formatted("t" + i));
            }
        });

        for (int i = 0; i < cases.size(); i++) {
            Table table = table(report, "public.t" + i);
            assertThat(table.strongest())
                    .as(cases.get(i).sql())
                    .isEqualTo(cases.get(i).strongest());
            assertThat(table.storage())
                    .as(cases.get(i).sql())
                    .isEqualTo(cases.get(i).storage());
        }
        // Other sessions can read and write the parent of a partition meanwhile.
        assertThat(table(report, "public.parts").strongest()).isEqualTo(LockMode.SHARE_UPDATE_EXCLUSIVE);
        // A foreign key locks both tables.
        assertThat(table(report, "public.other").strongest()).isEqualTo(LockMode.SHARE_ROW_EXCLUSIVE);
        assertThat(table(report, "public.t" + indexOf("reindex")).locks().get(0).on())
                .isEqualTo("public.t" + indexOf("reindex") + "_s");
        assertThat(table(report, "public.t" + indexOf("update")).rows())
                .isEqualTo(new RehearsalReport.Rows(1000L, 1000L, 10L));
        assertThat(table(report, "public.t" + indexOf("delete")).rows())
                .isEqualTo(new RehearsalReport.Rows(1000L, 990L, 0L));
        assertThat(report.statements()).extracting(Statement::calls).containsOnly(1L);
        assertThat(report.tables()).extracting(Table::strongest).isSortedAccordingTo((a, b) -> b.compareTo(a));
    }

    /**
     * Inside the data directory, which a developer option allows since 15; older servers need a directory elsewhere.
     */
    private void tablespace(int major) throws Exception {
        try (Session session = server(major).connect("postgres")) {
            if (session.number("select count(*) from pg_tablespace where spcname = 'other_disk'") > 0) {
                return;
            }
            if (session.number("select count(*) from pg_settings where name = 'allow_in_place_tablespaces'") > 0) {
                session.execute("set allow_in_place_tablespaces = on");
                session.execute("create tablespace other_disk location ''");
            } else {
                String directory = session.text("show data_directory") + "_other_disk";
                session.execute("copy (select 1) to program 'mkdir -m 700 " + directory + "'");
                session.execute("create tablespace other_disk location '" + directory + "'");
            }
        }
    }

    private static int indexOf(String statement) {
        return cases().map(each -> each.sql().startsWith(statement)).toList().indexOf(true);
    }

    @ParameterizedTest
    @ValueSource(ints = {13, 15, 18, 19})
    void an_index_or_constraint_is_reported_with_the_lock_under_which_it_was_made(int major) throws Exception {
        RehearsalReport report = rehearseUntilAllWasSeen(
                major, TABLE.formatted("a") + TABLE.formatted("b") + TABLE.formatted("c"), connection -> {
                    execute(connection, "create index plain on a (a)");
                    execute(connection, "create index concurrently gentle on a (r)");
                    execute(connection, "alter table a add constraint ck check (a > 0)");
                    execute(connection, "alter table b add constraint fk foreign key (r) references a not valid");
                    execute(connection, "alter table b validate constraint fk");
                    execute(connection, "alter table c add constraint later check (a > 1) not valid");
                    connection.setAutoCommit(false);
                    execute(connection, "alter table c add constraint at_once check (a > 0) not valid");
                    execute(connection, "alter table c validate constraint at_once");
                    connection.commit();
                    connection.setAutoCommit(true);
                    assertThatThrownBy(() -> execute(connection, "create unique index concurrently broken on a (s)"))
                            .hasMessageContaining("could not create unique index");
                    execute(connection, "create table fresh (id int primary key)");
                });

        assertThat(index(report, "public.plain").blockedWrites()).isTrue();
        assertThat(index(report, "public.plain").lock().mode()).isEqualTo(LockMode.SHARE);
        assertThat(index(report, "public.gentle").blockedWrites()).isFalse();
        assertThat(index(report, "public.gentle").lock().mode()).isEqualTo(LockMode.SHARE_UPDATE_EXCLUSIVE);
        assertThat(index(report, "public.broken").valid()).isFalse();
        assertThat(index(report, "public.fresh_pkey").lock()).isNull();
        assertThat(constraint(report, "ck").checkedWhileBlocking()).isTrue();
        assertThat(constraint(report, "fk").checkedWhileBlocking()).isFalse();
        assertThat(constraint(report, "fk").lock().mode()).isEqualTo(LockMode.SHARE_UPDATE_EXCLUSIVE);
        assertThat(constraint(report, "later").validated()).isFalse();
        assertThat(constraint(report, "at_once").lock().mode()).isEqualTo(LockMode.ACCESS_EXCLUSIVE);
        assertThat(constraint(report, "at_once").checkedWhileBlocking()).isTrue();
        assertThat(report.schemaDiff())
                .contains("+CHECK CONSTRAINT \"public\".\"a\" \"ck\"", "+TABLE \"public\".\"fresh\" column \"id\"");
    }

    /** The command that replaces VACUUM FULL and CLUSTER since 19. */
    @Test
    void repack_is_reported_correctly() throws Exception {
        RehearsalReport report =
                rehearseUntilAllWasSeen(19, TABLE.formatted("a") + TABLE.formatted("b"), connection -> {
                    execute(connection, "repack a");
                    execute(connection, "repack b using index b_pkey");
                });

        for (String name : List.of("public.a", "public.b")) {
            assertThat(table(report, name).strongest()).isEqualTo(LockMode.ACCESS_EXCLUSIVE);
            assertThat(table(report, name).storage()).isEqualTo(Storage.REWRITTEN);
        }
    }

    /** Nothing is locked then, so the longest time without a sample does not count it. */
    @Test
    void the_observer_rests_while_no_session_is_in_a_statement_or_a_transaction() throws Exception {
        RehearsalReport report = rehearse(15, TABLE.formatted("a"), (connection, other) -> {
            other.setAutoCommit(false);
            execute(other, "lock table a in share mode");
            Thread.sleep(300);
            other.rollback();
            Thread.sleep(3_000);
            execute(connection, "insert into a (id, a) values (2000, 1)");
        });

        assertThat(report.observation().samples()).isBetween(5L, 150L);
        assertThat(report.observation().longestGap()).isLessThan(Duration.ofSeconds(2));
        assertThat(table(report, "public.a").locks())
                .extracting(RehearsalReport.Lock::mode)
                .containsExactly(LockMode.SHARE, LockMode.ROW_EXCLUSIVE);
        assertThat(table(report, "public.a").locks().get(0).longest().toMillis())
                .isBetween(200L, 2_000L);
    }

    @Test
    void a_prepared_transaction_keeps_its_locks_without_a_session() throws Exception {
        StatementLog log = new StatementLog(System.nanoTime(), () -> Duration.ZERO);
        try (TestRelay relay = new TestRelay(server(15), log);
                Connection connection = relay.connect("postgres", "postgres")) {
            execute(connection, "select 1");
            assertThat(log.isIdle()).isTrue();
            connection.setAutoCommit(false);
            execute(connection, "select 1");
            assertThat(log.isIdle()).isFalse();
            connection.commit();
            assertThat(log.isIdle()).isTrue();
            // The server's settings do not allow it; its name is enough.
            log.add(1, "prepare transaction 'x'", 0, 1, "PREPARE TRANSACTION", 0, null, true);
            assertThat(log.isIdle()).isFalse();
        }
    }

    /** A lock is held until its transaction ends, whichever statement took it. */
    @Test
    void a_lock_of_a_millisecond_is_reported_until_its_transaction_ends() throws Exception {
        RehearsalReport report = rehearseUntilAllWasSeen(15, TABLE.formatted("a"), connection -> {
            connection.setAutoCommit(false);
            execute(connection, "alter table a add c int");
            execute(connection, "select pg_sleep(0.3)");
            connection.commit();
        });

        assertThat(table(report, "public.a").locks().get(0).longest().toMillis())
                .isBetween(250L, 1_000L);
        assertThat(report.blockedTables()).hasSize(1);
        assertThat(report.statements().stream().filter(each -> each.command().equals("ALTER TABLE")))
                .allSatisfy(each -> assertThat(each.longest().toMillis()).isLessThan(250));
    }

    @ParameterizedTest
    @ValueSource(ints = {13, 15, 18, 19})
    void statements_that_do_nothing_or_are_rolled_back_migrate_nothing(int major) throws Exception {
        RehearsalReport nothing = rehearse(major, TABLE.formatted("a"), connection -> execute(connection, "select 1"));
        RehearsalReport rolledBack = rehearse(major, TABLE.formatted("a"), connection -> {
            connection.setAutoCommit(false);
            execute(connection, "alter table a add c int");
            execute(connection, "update a set a = 2");
            connection.rollback();
        });
        RehearsalReport failed = rehearse(major, TABLE.formatted("a"), connection -> {
            connection.setAutoCommit(false);
            execute(connection, "alter table a add c int");
            assertThatThrownBy(() -> execute(connection, "select 1 / 0")).isInstanceOf(SQLException.class);
            connection.rollback();
        });

        assertThat(nothing.nothingMigrated()).isTrue();
        assertThat(nothing.tables()).isEmpty();
        assertThat(rolledBack.nothingMigrated()).isTrue();
        assertThat(failed.nothingMigrated()).isTrue();
        assertThat(failed.statements()).extracting(Statement::error).contains("SQLSTATE 22012");
    }

    @ParameterizedTest
    @ValueSource(ints = {13, 15, 18, 19})
    void each_way_to_change_something_counts_as_a_migration(int major) throws Exception {
        String database = database(major, TABLE.formatted("a"));
        for (String sql : List.of(
                "insert into a (id, a) values (2000, 1)",
                "update a set a = 2 where id = 1",
                "delete from a where id = 1",
                "comment on table a is 'c'",
                "grant select on a to public",
                "create schema n",
                "vacuum full a",
                "reindex table a",
                "alter table a alter a set default 7",
                "create view v as select 1 as x",
                "truncate a")) {
            assertThat(rehearseIn(major, database, (connection, other) -> execute(connection, sql))
                            .nothingMigrated())
                    .as(sql)
                    .isFalse();
        }
    }

    /** A migration that fails midway without a transaction leaves its first half behind. */
    @Test
    void half_of_a_migration_without_a_transaction_is_reported() throws Exception {
        RehearsalReport report = rehearse(15, TABLE.formatted("a"), connection -> {
            execute(connection, "alter table a add c int");
            assertThatThrownBy(() -> execute(connection, "alter table a add c int"))
                    .isInstanceOf(SQLException.class);
        });

        assertThat(report.nothingMigrated()).isFalse();
        assertThat(report.statements())
                .extracting(Statement::error)
                .contains("column \"c\" of relation \"a\" already exists (SQLSTATE 42701)");
    }

    @ParameterizedTest
    @ValueSource(ints = {13, 19})
    void a_deadlock_with_another_session_shows_its_waits_and_its_error(int major) throws Exception {
        List<String> states = new ArrayList<>();
        RehearsalReport report = rehearse(major, TABLE.formatted("a") + TABLE.formatted("b"), (connection, other) -> {
            connection.setAutoCommit(false);
            other.setAutoCommit(false);
            execute(connection, "alter table a add c int");
            execute(other, "alter table b add c int");
            CountDownLatch done = new CountDownLatch(1);
            Thread thread = new Thread(() -> {
                states.add(finish(other, "update a set a = 2"));
                done.countDown();
            });
            thread.start();
            states.add(finish(connection, "update b set a = 2"));
            done.await();
        });

        assertThat(states).containsExactlyInAnyOrder("40P01", "");
        assertThat(report.statements()).extracting(Statement::error).contains("deadlock detected (SQLSTATE 40P01)");
        assertThat(Stream.of("public.a", "public.b")
                        .flatMap(name -> table(report, name).waits().stream())
                        .map(RehearsalReport.Wait::mode))
                .contains(LockMode.ROW_EXCLUSIVE);
    }

    private static String finish(Connection connection, String sql) {
        try {
            execute(connection, sql);
            connection.commit();
            return "";
        } catch (SQLException e) {
            return e.getSQLState();
        }
    }

    @Test
    void statements_have_their_rows_and_no_constant() throws Exception {
        RehearsalReport report = rehearse(15, TABLE.formatted("a"), connection -> {
            execute(connection, "insert into a (id, a, s) values (2000, 1, 'canary'), (2001, 1, 'canary')");
            execute(connection, "update a set s = $$canary$$ where id > 1990 -- canary");
            for (int i = 0; i < 50; i++) {
                execute(connection, "delete from a where id = " + i);
            }
            assertThatThrownBy(() -> execute(connection, "select 'canary'::int"))
                    .hasMessageContaining("canary");
            execute(connection, "do $$ begin perform 'canary'; end $$");
        });

        assertThat(report.statements().toString()).doesNotContain("canary");
        assertThat(report.statements())
                .filteredOn(each -> !each.command().equals("SET"))
                .extracting(Statement::sql, Statement::calls, Statement::rows)
                .containsExactly(
                        tuple("insert into a (id, a, s) values (?, ?, ?), (?, ?, ?)", 1L, 2L),
                        tuple("update a set s = ? where id > ?", 1L, 2L),
                        tuple("delete from a where id = ?", 50L, 49L),
                        tuple("select ?::int", 1L, 0L),
                        tuple("do ?", 1L, 0L));
    }

    @Test
    void migrations_are_those_that_the_tools_recorded_meanwhile() throws Exception {
        String flyway = """
                create table "My History" (installed_rank int primary key, version varchar(50), description varchar(200),
                    type varchar(20), script varchar(1000), checksum int, installed_by varchar(100),
                    installed_on timestamp default now(), execution_time int, success boolean);
                insert into "My History" values (1, '1', 'init', 'SQL', 'V1__init.sql', 1, 'me', now(), 5, true);
                create table databasechangelog (id varchar(255), author varchar(255), filename varchar(255),
                    dateexecuted timestamp, orderexecuted int, exectype varchar(10), md5sum varchar(35), description varchar(255));
                """;
        RehearsalReport report = rehearse(15, flyway + TABLE.formatted("a"), connection -> {
            execute(connection, "alter table a add c int");
            execute(
                    connection,
                    "insert into \"My History\" values (2, '2', 'c', 'SQL', 'V2__c.sql', 1, 'me', now(), 7, true)");
            execute(connection, "alter table a add d int");
            execute(
                    connection,
                    "insert into databasechangelog values ('3', 'ann', 'log.xml', now(), 1, 'EXECUTED', 'x', 'sql')");
        });

        assertThat(report.migrations())
                .extracting(
                        RehearsalReport.Migration::tool,
                        RehearsalReport.Migration::id,
                        RehearsalReport.Migration::script)
                .containsExactly(tuple("flyway", "2", "V2__c.sql"), tuple("liquibase", "ann:3", "log.xml"));
        assertThat(report.statements())
                .filteredOn(each -> each.command().equals("ALTER TABLE"))
                .extracting(Statement::migration)
                .containsExactly("V2__c.sql", "log.xml");
    }

    /** Flyway with baselineOnMigrate. */
    @Test
    void a_baseline_is_no_migration_and_statements_still_belong_to_theirs() throws Exception {
        RehearsalReport report = rehearse(15, TABLE.formatted("a"), connection -> {
            execute(connection, """
                    create table history (installed_rank int primary key, version varchar(50), description varchar(200),
                        type varchar(20), script varchar(1000), checksum int, installed_by varchar(100),
                        installed_on timestamp default now(), execution_time int, success boolean)""");
            execute(
                    connection,
                    "insert into history values (1, '1', 'b', 'BASELINE', 'b', null, 'me', now(), 0, true)");
            execute(connection, "alter table a add c int");
            execute(
                    connection,
                    "insert into history values (2, '2', 'c', 'SQL', 'V2__c.sql', 1, 'me', now(), 7, true)");
        });

        assertThat(report.migrations())
                .extracting(RehearsalReport.Migration::script)
                .containsExactly("V2__c.sql");
        assertThat(report.statements())
                .extracting(Statement::command, Statement::migration)
                .containsSequence(
                        tuple("CREATE TABLE", null),
                        tuple("INSERT", null),
                        tuple("ALTER TABLE", "V2__c.sql"),
                        tuple("INSERT", "V2__c.sql"));
    }

    /** A statement that a role may not run, %s being that role, and the right that the report says is missing. */
    private record Denied(String sql, String right) {}

    @ParameterizedTest
    @ValueSource(ints = {13, 15, 18, 19})
    void the_missing_right_is_named_and_granting_it_is_enough(int major) throws Exception {
        String database = database(major, """
                create table a (id int primary key, a int); create index a_a on a (a);
                create table readable (id int, a int);
                create schema s; create table s.a2 (id int); create schema hidden; create table hidden.h (id int);
                create schema t1; create schema t2; create table t1.twice (id int); create table t2.twice (id int);
                create function f() returns int language sql as 'select 1';
                create function "F 2"(int, text) returns int language sql as 'select 1';
                create function inner_insert() returns void language plpgsql as
                    'begin insert into readable values (1, 1); end';
                create sequence n; create view v as select 1 as x; create type e as enum ('x');
                revoke execute on all functions in schema public from public;
                revoke usage on type e from public; revoke temporary on database %1$s from public;
                """.formatted("copy" + (databases + 1)));
        String role = "app_" + database;
        String boss = "Boss " + database;
        try (Session session = server(major).connect(database)) {
            session.execute("create role " + role + " login; create schema own authorization " + role
                    + "; create role \"" + boss + "\" login;"
                    + "alter table s.a2 owner to \"" + boss + "\"; grant usage on schema s, t1, t2 to " + role
                    + "; grant create on schema public to " + role + "; grant delete on hidden.h to " + role
                    + "; grant select on readable to " + role + "; grant execute on function inner_insert() to "
                    + role);
        }
        List<Denied> denied = List.of(
                new Denied("insert into a values (1)", "GRANT INSERT ON TABLE public.a TO " + role),
                new Denied(
                        "update readable set a = 1 where id = 1", "GRANT UPDATE ON TABLE public.readable TO " + role),
                new Denied("delete from readable", "GRANT DELETE ON TABLE public.readable TO " + role),
                new Denied("truncate readable", "GRANT TRUNCATE ON TABLE public.readable TO " + role),
                new Denied(
                        "create trigger t before insert on readable for each row execute function"
                                + " suppress_redundant_updates_trigger()",
                        "GRANT TRIGGER ON TABLE public.readable TO " + role),
                new Denied(
                        "create temporary table own (id int)",
                        "GRANT TEMPORARY ON DATABASE " + database + " TO " + role),
                new Denied("create schema other", "GRANT CREATE ON DATABASE " + database + " TO " + role),
                new Denied("create table own.r (id int references a)", "GRANT REFERENCES ON TABLE public.a TO " + role),
                new Denied("create table s.c (id int)", "GRANT CREATE ON SCHEMA s TO " + role),
                new Denied("delete from hidden.h", "GRANT USAGE ON SCHEMA hidden TO " + role),
                new Denied("select f()", "GRANT EXECUTE ON FUNCTION public.f() TO " + role),
                new Denied(
                        "select \"F 2\"(1, 'x')",
                        "GRANT EXECUTE ON FUNCTION public.\"F 2\"(integer,pg_catalog.text) TO " + role),
                new Denied("create table own.t (x e)", "GRANT USAGE ON TYPE public.e TO " + role),
                new Denied(
                        "select nextval('n')",
                        "GRANT USAGE, SELECT, UPDATE ON SEQUENCE public.n TO " + role
                                + " (it has none of these, and PostgreSQL does not say which it needs)"),
                new Denied("select * from v", "GRANT SELECT ON TABLE public.v TO " + role),
                new Denied(
                        "delete from t1.twice",
                        "GRANT SELECT, DELETE ON TABLE t1.twice TO " + role
                                + " or GRANT SELECT, DELETE ON TABLE t2.twice TO "
                                + role + " (PostgreSQL does not name the schema)"
                                + " (it has none of these, and PostgreSQL does not say which it needs)"),
                new Denied(
                        "select inner_insert()",
                        "GRANT INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER"
                                + (major >= 17 ? ", MAINTAIN" : "")
                                + " ON TABLE public.readable TO " + role
                                + " (it has none of these, and PostgreSQL does not say which it needs)"),
                new Denied("alter table a add c int", "ALTER TABLE public.a OWNER TO " + role),
                new Denied("alter index a_a rename to a_b", "ALTER TABLE public.a OWNER TO " + role),
                new Denied("create index on a (a)", "ALTER TABLE public.a OWNER TO " + role),
                new Denied(
                        "alter table s.a2 add c int",
                        "ALTER TABLE s.a2 OWNER TO " + role + ", or GRANT \"" + boss + "\" TO " + role),
                new Denied("alter view v rename to w", "ALTER VIEW public.v OWNER TO " + role),
                new Denied("drop function f()", "ALTER FUNCTION public.f() OWNER TO " + role),
                new Denied("set role \"" + boss + "\"", "GRANT \"" + boss + "\" TO " + role),
                new Denied("create role more_" + database, "ALTER ROLE " + role + " CREATEROLE"),
                new Denied("create database more_" + database, "ALTER ROLE " + role + " CREATEDB"));
        List<String> named = new ArrayList<>();
        try (Rehearsal rehearsal = Rehearsal.begin(server(major), database, role);
                TestRelay relay = new TestRelay(server(major), rehearsal.statements())) {
            try (Connection connection = relay.connect(database, role)) {
                for (Denied each : denied) {
                    assertThat(state(connection, each.sql())).as(each.sql()).isEqualTo("42501");
                }
                assertThat(state(connection, "copy readable from program 'true'"))
                        .isEqualTo("42501");
            }
            rehearsal.end().statements().stream()
                    .filter(each -> each.error() != null)
                    .forEach(each -> named.add(String.valueOf(each.missingRight())));
        }
        assertThat(named.remove(denied.size())).startsWith("not known: PostgreSQL's message does not name the object");
        assertThat(named)
                .containsExactlyElementsOf(denied.stream().map(Denied::right).toList());

        // The named right is enough: with it, the same statement succeeds.
        try (Session session = server(major).connect(database);
                TestRelay relay = new TestRelay(server(major), new StatementLog(0, () -> Duration.ZERO))) {
            for (Denied each : denied) {
                session.execute("begin");
                session.execute(each.right().replaceFirst("(, or GRANT| or GRANT| \\(it has).*", ""));
                session.execute("commit");
                try (Connection connection = relay.connect(database, role)) {
                    connection.setAutoCommit(each.sql().startsWith("create database"));
                    assertThat(state(connection, each.sql())).as(each.sql()).isEmpty();
                }
                if (each.right().contains(" OWNER TO ")) {
                    session.execute("reassign owned by " + role + " to postgres; alter table s.a2 owner to \"" + boss
                            + "\"; alter schema own owner to " + role);
                }
            }
        }
    }

    private static String state(Connection connection, String sql) {
        try {
            execute(connection, sql);
            return "";
        } catch (SQLException e) {
            return e.getSQLState();
        }
    }

    /** Ten thousand INSERTs that each commit must not take minutes. */
    @Test
    void commits_are_delayed_for_five_seconds_in_all_and_then_no_longer() throws Exception {
        RehearsalReport report = rehearse(15, TABLE.formatted("a"), connection -> {
            for (int i = 2000; i < 3000; i++) {
                execute(connection, "insert into a (id, a) values (" + i + ", 1)");
            }
        });

        assertThat(report.observation().commits()).isBetween(40L, 400L);
        assertThat(table(report, "public.a").rows()).isEqualTo(new RehearsalReport.Rows(1000L, 2000L, 1000L));
    }

    @Test
    void the_observer_leaves_nothing_behind_and_has_no_session_in_the_restored_database() throws Exception {
        String database = database(15, TABLE.formatted("a"));
        PostgresServer server = server(15);
        try (Rehearsal rehearsal = Rehearsal.begin(server, database, "postgres");
                Session session = server.connect("postgres")) {
            assertThat(session.number("select count(*) from pg_stat_activity where datname = ?", database))
                    .isZero();
            assertThat(session.number("select setting::bigint from pg_settings where name = 'commit_delay'"))
                    .isGreaterThanOrEqualTo(20_000);
            assertThat(rehearsal.end().nothingMigrated()).isTrue();
            assertThat(session.text("show commit_delay")).isEqualTo("0");
            assertThat(session.text("show fsync")).isEqualTo("off");
        }
    }

    @Test
    void losing_the_server_is_an_error() throws Exception {
        String database = database(15, TABLE.formatted("a"));
        try (Rehearsal rehearsal = Rehearsal.begin(server(15), database, "postgres")) {
            server(15).stop();
            assertThatThrownBy(rehearsal::end).isInstanceOf(SQLException.class);
        } finally {
            servers.remove(15);
        }
    }

    // ---- the server, a database, and what migrates it ----

    private interface Migration {
        void run(Connection connection) throws Exception;
    }

    private interface TwoSessions {
        void run(Connection connection, Connection other) throws Exception;
    }

    private RehearsalReport rehearse(int major, String sql, Migration migration) throws Exception {
        return rehearse(major, sql, (connection, other) -> migration.run(connection));
    }

    /** On a very busy machine, samples can come too late, and the report says so: then try once more. */
    private RehearsalReport rehearseUntilAllWasSeen(int major, String sql, Migration migration) throws Exception {
        RehearsalReport report = rehearse(major, sql, migration);
        for (int i = 0; i < 4 && !report.observation().complete(); i++) {
            report = rehearse(major, sql, migration);
        }
        assertThat(report.observation().complete())
                .as("%s", report.observation())
                .isTrue();
        return report;
    }

    private RehearsalReport rehearse(int major, String sql, TwoSessions migration) throws Exception {
        return rehearseIn(major, database(major, sql), migration);
    }

    private RehearsalReport rehearseIn(int major, String database, TwoSessions migration) throws Exception {
        try (Rehearsal rehearsal = Rehearsal.begin(server(major), database, "postgres");
                TestRelay relay = new TestRelay(server(major), rehearsal.statements())) {
            try (Connection connection = relay.connect(database, "postgres");
                    Connection other = relay.connect(database, "postgres")) {
                migration.run(connection, other);
            }
            return rehearsal.end();
        }
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (java.sql.Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private String database(int major, String sql) throws Exception {
        String database = "copy" + ++databases;
        try (Session session = server(major).connect("postgres")) {
            session.execute("create database " + database);
        }
        try (Session session = server(major).connect(database)) {
            session.execute(sql);
        }
        return database;
    }

    private PostgresServer server(int major) throws Exception {
        PostgresServer known = servers.get(major);
        if (known != null) {
            return known;
        }
        SilentConsole console = new SilentConsole();
        Installations installations =
                Installations.find(List.of(Programs.ofMajor(major).bin()), System.getenv(), console);
        PostgresServer started = new LocalEngine(
                        installations,
                        (group, artifact, version) -> {
                            throw new IllegalStateException(artifact);
                        },
                        Path.of(System.getProperty("java.io.tmpdir")),
                        console)
                .start(new ServerRequest(
                        PostgresVersion.ofNumber(major * 10_000), "postgres", logs.resolve(major + ".log")));
        servers.put(major, started);
        return started;
    }

    @AfterAll
    void stop() {
        servers.values().forEach(PostgresServer::stop);
    }

    private static Table table(RehearsalReport report, String name) {
        return report.tables().stream()
                .filter(table -> table.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError(name + " is not in " + report.tables()));
    }

    private static Index index(RehearsalReport report, String name) {
        return report.indexes().stream()
                .filter(index -> index.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError(name + " is not in " + report.indexes()));
    }

    private static Constraint constraint(RehearsalReport report, String name) {
        return report.constraints().stream()
                .filter(constraint -> constraint.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError(name + " is not in " + report.constraints()));
    }
}
