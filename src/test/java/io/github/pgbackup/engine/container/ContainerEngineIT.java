package io.github.pgbackup.engine.container;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgbackup.container.DaemonFinder;
import io.github.pgbackup.engine.Isolation;
import io.github.pgbackup.engine.PostgresServer;
import io.github.pgbackup.engine.ServerRequest;
import io.github.pgbackup.postgres.Installations;
import io.github.pgbackup.postgres.PostgresVersion;
import io.github.pgbackup.postgres.Session;
import io.github.pgbackup.source.SilentConsole;
import io.github.pgbackup.test.Docker;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ContainerEngineIT {

    @TempDir
    Path directory;

    @Test
    void a_server_starts() throws Exception {
        Docker.require(15);
        try (DaemonFinder daemons = new DaemonFinder(System.getenv())) {
            ContainerEngine engine = new ContainerEngine(
                    daemons.require("the test"),
                    null,
                    Installations.find(List.of(), Map.of(), new SilentConsole()),
                    new SilentConsole());
            PostgresServer server = engine.start(
                    new ServerRequest(PostgresVersion.parse("15.3"), "My Admin", directory.resolve("server.log")));
            Isolation isolation = server.isolation();
            System.out.println(isolation);
            try (Session session = server.connect("postgres")) {
                System.out.println(session.text("select version() || current_user"));
            }
            System.out.println(server.stop());
            assertThat(isolation.unreachable()).isTrue();
        }
    }
}
