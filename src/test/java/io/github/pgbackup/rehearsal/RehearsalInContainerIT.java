package io.github.pgbackup.rehearsal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.github.pgbackup.container.DaemonFinder;
import io.github.pgbackup.engine.PostgresServer;
import io.github.pgbackup.engine.ServerRequest;
import io.github.pgbackup.engine.container.ContainerEngine;
import io.github.pgbackup.postgres.Installations;
import io.github.pgbackup.postgres.PostgresVersion;
import io.github.pgbackup.postgres.Session;
import io.github.pgbackup.source.SilentConsole;
import io.github.pgbackup.test.Docker;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The same in the official images, whose server gets its parameters on its command line. */
final class RehearsalInContainerIT {

    @TempDir
    private Path directory;

    private static RehearsalReport rehearse(PostgresServer server) throws Exception {
        try (Session session = server.connect("postgres")) {
            session.execute("drop table if exists a, b; create table a (id int); create table b (id int)");
        }
        try (Rehearsal rehearsal = Rehearsal.begin(server, "postgres", "admin")) {
            try (Session session = server.connect("postgres")) {
                session.execute("alter table a add c int");
                session.execute("create index on b (id)");
                assertThat(session.text("show fsync")).isEqualTo("on");
            }
            return rehearsal.end();
        }
    }

    @ParameterizedTest
    @CsvSource({"postgres:13, 13", "postgres:18, 18", Docker.MUSL + ", 15"})
    void short_locks_are_seen_in_a_container_too(String image, int major) throws Exception {
        Docker.require(image);
        try (DaemonFinder daemons = new DaemonFinder(System.getenv());
                PostgresServer server = new ContainerEngine(
                                daemons.require("the test"),
                                image,
                                Installations.find(List.of(), Map.of(), new SilentConsole()),
                                new SilentConsole())
                        .start(new ServerRequest(
                                PostgresVersion.ofNumber(major * 10_000), "admin", directory.resolve("server.log")))) {
            try (Session session = server.connect("postgres")) {
                assertThat(session.text("show fsync")).isEqualTo("off");
                assertThat(session.text("show synchronous_commit")).isEqualTo("off");
            }
            RehearsalReport report = rehearse(server);
            // On a very busy machine, samples can come too late, and the report says so: then try once more.
            for (int i = 0; i < 4 && !report.observation().complete(); i++) {
                report = rehearse(server);
            }

            assertThat(report.observation().complete())
                    .as("%s", report.observation())
                    .isTrue();
            assertThat(report.observation().commits()).isEqualTo(2);
            assertThat(report.tables())
                    .extracting(RehearsalReport.Table::name, RehearsalReport.Table::strongest)
                    .containsExactly(tuple("public.a", LockMode.ACCESS_EXCLUSIVE), tuple("public.b", LockMode.SHARE));
            try (Session session = server.connect("postgres")) {
                assertThat(session.text("show fsync")).isEqualTo("off");
            }
        }
    }
}
