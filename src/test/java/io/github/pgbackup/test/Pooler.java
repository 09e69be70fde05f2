package io.github.pgbackup.test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.opentest4j.TestAbortedException;

/** A PgBouncer in transaction mode in front of a {@link ProductionServer}, with the same user and password. */
public final class Pooler implements AutoCloseable {

    private final int port = Lease.freePort();
    private final Lease lease;

    private Pooler(Path program, ProductionServer production) throws IOException {
        Path directory = Files.createTempDirectory("pgbackup-pooler-");
        Path users = directory.resolve("users.txt");
        Files.writeString(users, "\"%s\" \"%s\"%n".formatted(production.superuser(), production.password()));
        Path configuration = directory.resolve("pgbouncer.ini");
        Files.writeString(configuration, """
                [databases]
                * = host=%s port=%d
                [pgbouncer]
                listen_addr = 127.0.0.1
                listen_port = %d
                unix_socket_dir =
                auth_type = scram-sha-256
                auth_file = %s
                pool_mode = transaction
                ignore_startup_parameters = extra_float_digits, options
                """.formatted(production.host(), production.port(), port, users));
        for (Path path : List.of(users, configuration, directory)) {
            Lease.handOver(path);
        }
        lease = new Lease(directory, "KILL", List.of(program.toString(), configuration.toString()));
    }

    /**
     * Starts PgBouncer and waits until it accepts connections.
     *
     * @throws TestAbortedException if PgBouncer is not installed: the test is skipped
     * @throws IllegalStateException in the same case under {@code CI=true}
     */
    public static Pooler start(ProductionServer production) {
        Path program = Stream.of("/usr/sbin/pgbouncer", "/usr/bin/pgbouncer", "/opt/homebrew/bin/pgbouncer")
                .map(Path::of)
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow(() -> Programs.missing("PgBouncer is not on this machine; install pgbouncer."));
        try {
            Pooler pooler = new Pooler(program, production);
            ProductionServer.awaitConnection(
                    pooler.url("postgres"), production.superuser(), production.password(), pooler.lease);
            return pooler;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The JDBC URL of a database through the pooler, without user and password. */
    public String url(String database) {
        return "jdbc:postgresql://127.0.0.1:" + port + "/" + database;
    }

    @Override
    public void close() {
        lease.close();
    }
}
