package io.github.pgbackup.test;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** A production server in a container that publishes no port, as the official images start it. */
public final class ProductionContainer implements AutoCloseable {

    private final String name;
    private final String user;

    private ProductionContainer(String name, String user) {
        this.name = name;
        this.user = user;
    }

    /**
     * Starts a server and waits until it accepts connections.
     *
     * @param user its bootstrap superuser
     * @param options of {@code docker run}
     */
    public static ProductionContainer start(int major, String user, String... options) {
        return start(
                "postgres:" + major, "pgtest-" + UUID.randomUUID().toString().substring(0, 8), user, options);
    }

    /** Starts one from any image, with a name. */
    public static ProductionContainer start(String image, String name, String user, String... options) {
        List<String> command = new ArrayList<>(List.of(
                "run",
                "--detach",
                "--name",
                name,
                "--env",
                "POSTGRES_USER=" + user,
                "--env",
                "POSTGRES_PASSWORD=canary"));
        command.addAll(List.of(options));
        command.addAll(List.of(image, "-c", "fsync=off"));
        ProductionContainer container = new ProductionContainer(name, user);
        // Docker leaves behind a container that it could not start.
        Runtime.getRuntime().addShutdownHook(new Thread(container::close));
        Docker.docker(command.toArray(String[]::new));
        Docker.docker("exec", name, "sh", "-c", "until pg_isready -q -h 127.0.0.1; do sleep 0.1; done");
        return container;
    }

    public String name() {
        return name;
    }

    public String user() {
        return user;
    }

    public String id() {
        return Docker.docker("inspect", "--format", "{{.Id}}", name);
    }

    /** The output of psql, unaligned and without a header. */
    public String query(String database, String sql) {
        return Docker.dockerWithInput(
                sql, "exec", "-i", name, "psql", "-X", "-qAt", "-v", "ON_ERROR_STOP=1", "-U", user, "-d", database);
    }

    /** Runs a script of the test resources. */
    public void load(String database, String resource) {
        try (InputStream script = ProductionContainer.class.getClassLoader().getResourceAsStream(resource)) {
            query(database, new String(script.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public void createDatabase(String database) {
        query("template1", "create database \"" + database + "\"");
    }

    @Override
    public void close() {
        Docker.run("", new String[] {"rm", "--force", "--volumes", name});
    }
}
