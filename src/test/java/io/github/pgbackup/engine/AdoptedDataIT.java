package io.github.pgbackup.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.container.DaemonFinder;
import io.github.pgbackup.engine.container.ContainerEngine;
import io.github.pgbackup.engine.local.LocalEngine;
import io.github.pgbackup.postgres.Installations;
import io.github.pgbackup.postgres.PostgresVersion;
import io.github.pgbackup.postgres.Session;
import io.github.pgbackup.source.SilentConsole;
import io.github.pgbackup.test.Docker;
import io.github.pgbackup.test.ProductionServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each engine starts a server on a data directory that something else has created: here, pg_basebackup. */
@Tag("alone")
final class AdoptedDataIT {

    private static final PostgresVersion VERSION = PostgresVersion.parse("15.3");

    @AutoClose
    private static final ProductionServer PRODUCTION = ProductionServer.start("the_admin");

    @TempDir
    static Path taken;

    @TempDir
    Path directory;

    private static Path data;

    @BeforeAll
    static void backup() throws Exception {
        PRODUCTION.execute("postgres", "create table t as select generate_series(1, 7)");
        PRODUCTION.execute("postgres", "alter system set work_mem = '77MB'");
        data = PRODUCTION.baseBackup(taken);
    }

    /** The server's user must be able to enter the directory. */
    @BeforeEach
    void open() throws Exception {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx--x--x"));
    }

    private ServerRequest request() {
        return new ServerRequest(VERSION, "the_admin", directory.resolve("server.log"));
    }

    private Engine local() throws Exception {
        Installations installations = Installations.find(List.of(), System.getenv(), new SilentConsole());
        return new LocalEngine(
                installations,
                (group, artifact, version) -> {
                    throw new AssertionError("the programs are on this machine");
                },
                directory,
                new SilentConsole());
    }

    private static Engine container(DaemonFinder daemons) throws Exception {
        return new ContainerEngine(
                daemons.require("the test"),
                null,
                Installations.find(List.of(), Map.of(), new SilentConsole()),
                new SilentConsole());
    }

    private void starts(Engine engine) throws Exception {
        Removal removal;
        try (PostgresServer server = engine.adopt(request(), data).start()) {
            try (Session session = server.connect("postgres")) {
                assertThat(session.number("select count(*) from t")).isEqualTo(7);
                assertThat(session.text("show work_mem")).isEqualTo("4MB");
                assertThat(session.text("show cluster_name")).isEqualTo("pgbackup");
            }
            assertThat(server.isolation().unreachable()).isTrue();
            removal = server.stop();
        }
        assertThat(removal.complete()).isTrue();
        assertThat(data.resolve("backup_label")).exists();
    }

    @Test
    void the_local_engine_starts_a_server_on_it() throws Exception {
        starts(local());
    }

    @Test
    void the_container_engine_starts_a_server_on_it() throws Exception {
        Docker.require(15);
        try (DaemonFinder daemons = new DaemonFinder(System.getenv())) {
            starts(container(daemons));
        }
    }

    @Test
    void a_directory_that_is_not_a_data_directory_does_not_start_and_its_copy_is_deleted() throws Exception {
        Path other = Files.createDirectory(directory.resolve("other"));
        Files.writeString(other.resolve("PG_VERSION"), "14\n");

        assertThatThrownBy(() -> local().adopt(request(), other).start())
                .isInstanceOf(CannotVerifyException.class)
                .hasMessageContaining("ended before it was ready");

        assertThat(runDirectories()).isEmpty();
    }

    @Test
    void a_data_directory_that_was_provisioned_and_not_started_leaves_nothing() throws Exception {
        try (DataDirectory provisioned = local().provision(request())) {
            assertThat(provisioned).isNotNull();
            assertThat(runDirectories()).hasSize(1);
        }
        assertThat(runDirectories()).isEmpty();
    }

    private List<Path> runDirectories() throws Exception {
        try (Stream<Path> all = Files.list(directory)) {
            return all.filter(each -> each.getFileName().toString().startsWith("pgbackup-"))
                    .toList();
        }
    }
}
