package io.github.pgbackup.source;

import io.github.pgbackup.test.ProductionServer;
import java.time.Duration;

/** How to reach the production server of a test. */
final class Production {

    static final SessionLimits LIMITS = new SessionLimits(Duration.ofMinutes(1), Duration.ofSeconds(2));

    private Production() {}

    static Source source(ProductionServer server, String database) {
        return source(server.url(database), server.superuser(), server.password());
    }

    static Source source(String url, String user, String password) {
        return Source.open(
                JdbcUrl.parse(url, Element.SOURCE), new Credentials(user, password), LIMITS, new SilentConsole());
    }
}
