package io.github.pgbackup.mojo;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgbackup.postgres.RunningProcess;
import io.github.pgbackup.test.Await;
import io.github.pgbackup.test.ProductionServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A build that is ended midway leaves nothing behind: no process, no copy of production, no session on production. */
@Tag("alone")
final class EndedBuildIT {

    private static final ProductionServer PRODUCTION = ProductionServer.shared();

    /** Time until nothing is left; a second on an idle machine. */
    private static final Duration SOON = Duration.ofSeconds(5);

    @TempDir
    private Path project;

    /** The point at which the build is ended, and the database that makes it wait there. */
    enum Stage {
        SNAPSHOT("noise"),
        TARGET("noise"),
        DUMP("noise"),
        SOURCE_OBSERVATIONS("slow_query_in_production"),
        RESTORE("slow_restore"),
        INTROSPECT("slow_query_in_the_target");

        private final String database;

        Stage(String database) {
            this.database = database;
        }

        private void waitFor(MavenBuild.Running build, Path temporary) {
            switch (this) {
                case SNAPSHOT -> {
                    build.awaitLine(line -> line.endsWith("] snapshot"));
                    Await.await(() -> sessions(database, "wait_event_type = 'Lock'") > 0);
                }
                case TARGET -> Await.await(() -> !copies(temporary).isEmpty());
                case DUMP -> Await.await(() -> sessions(database, "query LIKE 'COPY %'") > 0);
                case SOURCE_OBSERVATIONS -> build.awaitLine(line -> line.endsWith("] source observations"));
                case RESTORE -> {
                    build.awaitLine(line -> line.endsWith("] restore"));
                    Await.await(() -> build.descendants().stream()
                            .anyMatch(process -> command(process).contains("/pg_restore ")));
                }
                case INTROSPECT -> build.awaitLine(line -> line.endsWith("] introspect"));
            }
        }
    }

    @BeforeAll
    static void createDatabases() {
        create(Stage.DUMP.database, """
                CREATE TABLE noise AS SELECT sha512(id::text::bytea) FROM generate_series(1, 400000) id""");
        // Unlike production, the throw-away server does not listen.
        create(Stage.RESTORE.database, """
                CREATE FUNCTION slow(id int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS $$BEGIN
                    IF current_setting('listen_addresses') = '' THEN PERFORM pg_catalog.pg_sleep(60); END IF;
                    RETURN id; END$$;
                CREATE TABLE orders AS SELECT 1 AS id;
                CREATE INDEX ON orders (slow(id))""");
        create(Stage.INTROSPECT.database, function("= ''"));
        create(Stage.SOURCE_OBSERVATIONS.database, function("<> ''"));
    }

    private static void create(String database, String sql) {
        PRODUCTION.createDatabase(database);
        PRODUCTION.execute(database, sql);
    }

    private static String function(String where) {
        return """
                CREATE FUNCTION answer() RETURNS int LANGUAGE plpgsql AS $$BEGIN
                    IF current_setting('listen_addresses') %s THEN PERFORM pg_catalog.pg_sleep(60); END IF;
                    RETURN 1; END$$""".formatted(where);
    }

    @ParameterizedTest
    @EnumSource
    void after_ctrl_c_the_evidence_is_written_and_nothing_is_left(Stage stage) throws SQLException {
        MavenBuild.Result result = end(stage, "INT", true);

        assertThat(result.status()).isEqualTo(130);
        assertNotVerified(result);
    }

    @ParameterizedTest
    @EnumSource
    void after_a_termination_the_evidence_is_written_and_nothing_is_left(Stage stage) throws SQLException {
        MavenBuild.Result result = end(stage, "TERM", false);

        assertThat(result.status()).isEqualTo(143);
        assertNotVerified(result);
    }

    @ParameterizedTest
    @EnumSource
    void after_a_kill_nothing_is_left_and_no_evidence_mentions_a_backup(Stage stage) throws SQLException {
        MavenBuild.Result result = end(stage, "KILL", false);

        assertThat(result.status()).isEqualTo(137);
        assertThat(result.build().evidence().resolve("SUMMARY.txt")).doesNotExist();
        assertThat(result.build().evidence().resolve("verification.json")).doesNotExist();
    }

    private MavenBuild.Result end(Stage stage, String signal, boolean group) throws SQLException {
        MavenBuild project = new MavenBuild(this.project)
                .source(PRODUCTION, stage.database, """
                <backup><compression>gzip:9</compression></backup>
                """ + (stage.database.startsWith("slow_query") ? """
                <expectations><query>
                    <name>slow</name><sql>select public.answer()</sql><returns>1</returns>
                </query></expectations>""" : ""));
        Connection lock = stage == Stage.SNAPSHOT ? lock() : PRODUCTION.connect(stage.database);
        try (lock;
                MavenBuild.Running build = project.start("verify")) {
            stage.waitFor(build, project.temporary());
            List<ProcessHandle> processes = build.descendants();
            build.signal(signal, group);
            MavenBuild.Result result = build.result();
            assertNothingRemains(project, processes, stage.database);
            return result;
        }
    }

    private static Connection lock() throws SQLException {
        Connection connection = PRODUCTION.connect(Stage.SNAPSHOT.database);
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            statement.execute("LOCK TABLE noise IN ACCESS EXCLUSIVE MODE");
        }
        return connection;
    }

    private static void assertNothingRemains(MavenBuild project, List<ProcessHandle> processes, String database) {
        List<String> remains;
        Instant deadline = Instant.now().plus(SOON);
        do {
            pause();
            remains = remains(project, processes, database);
        } while (!remains.isEmpty() && Instant.now().isBefore(deadline));
        assertThat(remains).as("what remains after " + SOON).isEmpty();
    }

    private static List<String> remains(MavenBuild project, List<ProcessHandle> processes, String database) {
        List<String> remains = new ArrayList<>();
        Stream.concat(
                        processes.stream(),
                        ProcessHandle.allProcesses()
                                .filter(process -> command(process)
                                        .contains(project.temporary().toString())))
                .filter(process -> new RunningProcess(process.pid()).runs())
                .forEach(process -> remains.add("process " + process.pid() + ": " + command(process)));
        copies(project.temporary()).forEach(directory -> remains.add("directory " + directory));
        int sessions = sessions(database, "true");
        if (sessions > 0) {
            remains.add(sessions + " sessions in production");
        }
        return remains;
    }

    private static String command(ProcessHandle process) {
        return process.info().commandLine().orElse("");
    }

    private static int sessions(String database, String condition) {
        return Integer.parseInt(PRODUCTION.query("postgres", """
                SELECT count(*) FROM pg_stat_activity
                WHERE application_name = 'pgbackup' AND datname = '%s' AND %s""".formatted(database, condition)));
    }

    /** Data directories of servers. The next run removes one that a kill left empty. */
    private static List<Path> copies(Path temporary) {
        try (Stream<Path> files = Files.list(temporary)) {
            return files.filter(file -> file.getFileName().toString().startsWith("pgbackup-"))
                    .filter(file -> Files.exists(file.resolve("data/PG_VERSION")))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void pause() {
        try {
            Thread.sleep(20);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while a build ran.", e);
        }
    }

    private static void assertNotVerified(MavenBuild.Result result) {
        assertThat(result.output())
                .contains("[WARNING] The build was ended (Ctrl-C or SIGTERM) before the verification had finished. The"
                        + " run is cleaning up.");
        assertThat(result.evidence("verification.json"))
                .contains(
                        "\"verdict\": \"NOT_VERIFIED\"",
                        "The build was ended (Ctrl-C or SIGTERM) before the verification had finished.");
        assertThat(result.build().evidence().resolve("SHA256SUMS")).isNotEmptyFile();
    }
}
