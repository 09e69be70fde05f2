package io.github.pgbackup.engine.container;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgbackup.container.DaemonFinder;
import io.github.pgbackup.engine.PostgresServer;
import io.github.pgbackup.engine.Removal;
import io.github.pgbackup.engine.ServerRequest;
import io.github.pgbackup.postgres.Installations;
import io.github.pgbackup.postgres.PostgresVersion;
import io.github.pgbackup.postgres.Session;
import io.github.pgbackup.source.SilentConsole;
import io.github.pgbackup.test.Docker;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("alone")
final class ContainerEngineIT {

    @TempDir
    Path directory;

    @Test
    void a_server_of_the_images_user_is_reached_through_the_daemon_alone_and_gone_afterwards() throws Exception {
        Docker.require(15);
        try (DaemonFinder daemons = new DaemonFinder(System.getenv())) {
            ContainerEngine engine = new ContainerEngine(
                    daemons.require("the test"),
                    null,
                    Installations.find(List.of(), Map.of(), new SilentConsole()),
                    new SilentConsole());
            PostgresServer server = engine.start(
                    new ServerRequest(PostgresVersion.parse("15.3"), "My Admin", directory.resolve("server.log")));
            Removal removal;
            try (Session session = server.connect("postgres")) {
                assertThat(session.text("select current_user::text")).isEqualTo("My Admin");
                assertThat(server.isolation().unreachable()).isTrue();
                assertThat(server.freeSpace().orElse(0)).isGreaterThan(1 << 20);
            } finally {
                removal = server.stop();
            }
            assertThat(removal.complete()).isTrue();
            assertThat(removal.facts())
                    .hasSize(2)
                    .allSatisfy((what, fact) -> assertThat(fact).endsWith("is gone"));
            assertThat(server.stop()).isSameAs(removal);
        }
    }
}
