package io.github.pgbackup.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.github.pgbackup.evidence.Verdict;
import io.github.pgbackup.evidence.VerificationReport;
import io.github.pgbackup.postgres.RunningProcess;
import io.github.pgbackup.postgres.Session;
import io.github.pgbackup.test.Docker;
import io.github.pgbackup.test.ProductionServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A restore runs code that superusers of the source have written, as the superuser of the throw-away server, so it can run
 * programs. They can only reach what docs/security.md says, and they end with the run.
 */
@Timeout(180)
@Tag("alone")
final class HostileArchiveIT {

    @AutoClose
    private static final ProductionServer PRODUCTION = ProductionServer.start();

    /** Unique to this run of the test on this machine. */
    private static final String SLEEP = "sleep 77." + ProcessHandle.current().pid();

    private static Path work;

    @TempDir
    private Path directory;

    @BeforeAll
    static void create() throws IOException {
        work = Files.createTempDirectory("pgtest-work-");
        Files.setPosixFilePermissions(work, PosixFilePermissions.fromString("rwxr-xr-x"));
        PRODUCTION.createDatabase("plain");
        PRODUCTION.execute("plain", "create table orders as select 1 as id");
        PRODUCTION.createDatabase("endless");
        PRODUCTION.execute("endless", """
                create function endless(id int) returns int immutable language plpgsql as $$begin
                    while current_setting('cluster_name') = 'pgbackup' loop
                        begin
                            perform pg_catalog.pg_sleep(1);
                        exception when query_canceled then
                            null; -- it does not hear that it is to end
                        end;
                    end loop;
                    return id; end$$;
                create table orders as select 1 as id;
                create index on orders (endless(id));
                """);
        PRODUCTION.createDatabase("filling");
        PRODUCTION.execute("filling", """
                create function fill(id int) returns boolean language plpgsql as $$begin
                    if current_setting('cluster_name') = 'pgbackup' then
                        copy (select 1) to program 'head -c 100000000 /dev/zero >>filling';
                        loop
                            copy (select repeat('x', 1000000)) to program 'cat >>filling';
                            perform pg_catalog.pg_sleep(0.02);
                        end loop;
                    end if;
                    return true; end$$;
                create table orders (id int check (fill(id)));
                insert into orders values (1);
                """);
    }

    @AfterEach
    void nothing_is_left() throws IOException {
        assertThat(ProcessHandle.allProcesses()
                        .filter(process -> process.info()
                                .commandLine()
                                .orElse("")
                                .matches(".*(" + Pattern.quote(SLEEP) + "|" + Pattern.quote(work.toString()) + ").*"))
                        .filter(process -> new RunningProcess(process.pid()).runs()))
                .isEmpty();
        try (Stream<Path> left = Files.list(work)) {
            assertThat(left).isEmpty();
        }
    }

    @AfterAll
    static void remove() throws IOException {
        Files.delete(work);
    }

    private VerificationRun run(String database, String engine) {
        if (engine.equals("container")) {
            Docker.require(15);
        }
        return VerificationRun.of(PRODUCTION, database, directory)
                .with("restore.engine", engine)
                .with("workDirectory", work.toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "container"})
    void code_that_never_ends_is_ended_by_the_time_out(String engine) {
        long began = System.nanoTime();

        VerificationReport report =
                run("endless", engine).with("timeout", "PT12S").run();

        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(42));
        assertThat(report.verdict()).isEqualTo(Verdict.NOT_VERIFIED);
        assertThat(report.problemText()).isEqualTo("""
                The time-out of 12 s for the whole run has expired.
                Find the slow stage in the list of stages, or allow more time: <timeout>, -Dpgbackup.timeout.""");
        assertThat(report.outcome().stages())
                .extracting(VerificationReport.Stage::name)
                .contains("restore");
        assertThat(report.restored().target().orElseThrow().removal().values())
                .noneMatch(fact -> fact.contains(" still "));
        assertThat(Docker.containers("pgbackup-")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "container"})
    void code_reaches_neither_the_network_nor_the_files_of_the_build(String engine) throws IOException {
        Path secret = Files.writeString(directory.resolve("settings.xml"), "canary");
        Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
        Map<String, String> answers = new LinkedHashMap<>();

        VerificationReport report = run("plain", engine)
                .onRestored(session -> {
                    answers.put("interfaces", program(session, "cat /proc/net/dev | grep -c : | cat"));
                    answers.put(
                            "addresses", program(session, "cat /proc/net/fib_trie 2>&1 | grep -c 'host LOCAL' | cat"));
                    answers.put(
                            "connect",
                            program(
                                    session,
                                    "bash -c 'exec 3<>/dev/tcp/127.0.0.1/%d' 2>/dev/null; echo $?"
                                            .formatted(PRODUCTION.port())));
                    answers.put("settings", program(session, "cat " + secret + " 2>/dev/null | cat"));
                    answers.put("shadow", program(session, "cat /etc/shadow 2>/dev/null | cat"));
                    answers.put(
                            "evidence", program(session, "ls " + directory + "/verify-backup/dump 2>/dev/null | cat"));
                    answers.put(
                            "environment",
                            program(
                                    session,
                                    "env | grep -c -v -E '^(PATH|LD_LIBRARY_PATH|LC_|LANG|TZ|PG|POSTGRES|GOSU|PWD|OLDPWD|SHLVL|HOME|HOSTNAME|_)' | cat"));
                })
                .run();

        assertThat(report.verdict()).isEqualTo(Verdict.PASS);
        assertThat(answers)
                .containsEntry("interfaces", "1")
                .containsEntry("connect", "1")
                .containsEntry("environment", "0");
        if (engine.equals("container") || System.getProperty("user.name").equals("root")) {
            assertThat(answers)
                    .containsEntry("settings", "")
                    .containsEntry("shadow", "")
                    .containsEntry("evidence", "");
        }
    }

    /** Otherwise the init process would adopt a background process, which would outlive the server. */
    @ParameterizedTest
    @ValueSource(strings = {"local", "container"})
    void background_processes_of_restored_code_end_with_the_run(String engine) {
        VerificationReport report = run("plain", engine)
                .onRestored(session -> assertThat(program(
                                session,
                                "setsid sh -c '%1$s & %1$s & %1$s' >/dev/null 2>&1 & echo started".formatted(SLEEP)))
                        .isEqualTo("started"))
                .run();

        assertThat(report.verdict()).isEqualTo(Verdict.PASS);
    }

    /** A disk of 192 MiB, a fiftieth of which must stay free. */
    @Test
    void code_that_fills_the_disk_is_ended_before_it_is_full() throws Exception {
        assumeThat(System.getProperty("user.name")).as("mounts are for root").isEqualTo("root");
        // A path that is too long for a socket would not be used.
        Path small = Files.createTempDirectory("pgs");
        Files.setPosixFilePermissions(small, PosixFilePermissions.fromString("rwxr-xr-x"));
        mount("mount", "-t", "tmpfs", "-o", "size=192m", "none", small.toString());
        try {
            VerificationReport report = run("filling", "local")
                    .with("workDirectory", small.toString())
                    .run();

            assertThat(report.problemText())
                    .matches("The disk with the restored database is filling up: [0-3] MiB are free in " + small
                            + "; at least 3 MiB must stay free\\.\n"
                            + "Make room there, or use a larger disk: <workDirectory>, -Dpgbackup\\.workDirectory\\.");
            assertThat(report.verdict()).isEqualTo(Verdict.NOT_VERIFIED);
            assertThat(report.failedChecks()).isEmpty();
            assertThat(report.outcome().duration()).isLessThan(Duration.ofSeconds(30));
            assertThat(small).isEmptyDirectory();
        } finally {
            mount("umount", "--lazy", small.toString());
            Files.delete(small);
        }
    }

    private static void mount(String... command) throws IOException, InterruptedException {
        assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
    }

    /** Both extensions have the password of a server that listens on this machine. */
    @ParameterizedTest
    @ValueSource(strings = {"local", "container"})
    void extensions_cannot_connect_to_other_servers(String engine) {
        String server = "host=127.0.0.1 port=%d dbname=plain user=%s password=%s connect_timeout=5"
                .formatted(PRODUCTION.port(), PRODUCTION.superuser(), PRODUCTION.password());
        Map<String, String> answers = new LinkedHashMap<>();

        VerificationReport report = run("plain", engine)
                .onRestored(session -> {
                    answers.put(
                            "dblink",
                            refusal(
                                    session,
                                    "create extension dblink",
                                    "select * from dblink('" + server + "', 'select id from orders') orders (id int)"));
                    answers.put(
                            "postgres_fdw",
                            refusal(
                                    session,
                                    "create extension postgres_fdw;"
                                            + " create server production foreign data wrapper postgres_fdw options (host '127.0.0.1', port '"
                                            + PRODUCTION.port() + "', dbname 'plain');"
                                            + " create user mapping for public server production options (user '"
                                            + PRODUCTION.superuser() + "', password '" + PRODUCTION.password() + "');"
                                            + " create foreign table elsewhere (id int) server production options (table_name 'orders')",
                                    "select * from elsewhere"));
                })
                .run();

        assertThat(answers)
                .allSatisfy((extension, refusal) ->
                        assertThat(refusal).matches("08001: .*(Network is unreachable|Connection refused).*"));
        assertThat(report.verdict()).isEqualTo(Verdict.PASS);
    }

    /** Creates the objects that it needs, queries, and rolls everything back. */
    private static String refusal(Session session, String preparation, String query) throws SQLException {
        session.execute("begin");
        try {
            session.execute(preparation);
            session.execute(query);
            return "none";
        } catch (SQLException e) {
            return e.getSQLState() + ": " + e.getMessage().replace('\n', ' ');
        } finally {
            session.execute("rollback");
        }
    }

    /** A fork bomb without retries: the image's shell ends when it cannot start another process. */
    @ParameterizedTest
    @ValueSource(strings = {"local", "container"})
    void processes_without_end_are_limited(String engine) {
        StringBuilder started = new StringBuilder();

        VerificationReport report = run("plain", engine)
                .onRestored(session -> {
                    started.append(program(
                            session,
                            "sh -c 'i=0; while [ $i -lt 2000 ]; do %s & i=$((i+1)); echo $i >started; done' >/dev/null 2>&1; read -r n <started; echo $n"
                                    .formatted(SLEEP)));
                })
                .run();

        assertThat(Integer.parseInt(started.toString())).isBetween(100, 512);
        assertThat(report.verdict()).isNotEqualTo(Verdict.FAIL);
        assertThat(report.restored().target().orElseThrow().isolation()).containsEntry("process limit", "512");
        if (engine.equals("container")) {
            assertThat(report.restored().target().orElseThrow().isolation().get("memory limit"))
                    .endsWith(" bytes");
        }
        assertThat(report.restored().target().orElseThrow().removal().values())
                .noneMatch(fact -> fact.contains(" still "));
    }

    private static String program(Session session, String command) throws SQLException {
        session.execute("create temp table if not exists answers (line text)");
        session.execute("truncate answers");
        session.execute("copy answers from program '" + command.replace("'", "''") + "'");
        return String.join("\n", session.list("select line from answers", row -> row.getString(1)));
    }
}
