package io.github.pgbackup.description;

import io.github.pgbackup.postgres.Session;
import io.github.pgbackup.test.ProductionServer;
import io.github.pgbackup.test.Programs;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.TreeMap;

/** Pairs of databases, of which one is described and the other is compared with that description. */
final class DescribedPairs implements AutoCloseable {

    private final Map<Integer, ProductionServer> servers = new TreeMap<>();
    private int databases;

    /**
     * Compares two new databases.
     *
     * @param from the major version of the source
     * @param to the major version of the restored database
     * @param superuser whether a superuser took the dump
     * @param source what to execute in the source
     * @param restored what to execute in the restored database
     * @param directory an empty one, for the description
     */
    DescriptionFindings findings(int from, int to, boolean superuser, String source, String restored, Path directory)
            throws Exception {
        databases++;
        String name = "restored" + databases;
        ProductionServer server = server(to);
        fill(server, name, restored);
        DescriptionFile description = describe(from, source, directory);
        try (Connection connection = server.connect(name)) {
            connection.setAutoCommit(false);
            return DescriptionFindings.of(
                    description, new Session(connection), "salt", true, superuser, new Servers(server, name));
        }
    }

    private DescriptionFile describe(int major, String sql, Path directory) throws Exception {
        String name = "source" + databases;
        fill(server(major), name, sql);
        try (Connection connection = server(major).connect(name)) {
            connection.setAutoCommit(false);
            return DescriptionFile.write(
                    Describer.of(new Session(connection), "salt"), directory.resolve("source.json.gz"));
        }
    }

    private static void fill(ProductionServer server, String database, String sql) {
        server.createDatabase(database);
        if (!sql.isEmpty()) {
            server.execute(database, "set allow_system_table_mods = on; set search_path = public; " + sql);
        }
    }

    private ProductionServer server(int major) {
        return servers.computeIfAbsent(
                major,
                absent -> ProductionServer.start(
                        Programs.ofMajor(major).bin(), "postgres", "max_logical_replication_workers=0"));
    }

    @Override
    public void close() {
        servers.values().forEach(ProductionServer::close);
    }

    private record Servers(ProductionServer server, String restored) implements DescriptionFindings.Servers {

        @Override
        public Session writing() throws SQLException {
            return new Session(server.connect(restored));
        }

        @Override
        public Session reference(Map<String, String> extensions) throws SQLException {
            String name = "reference_" + restored;
            server.createDatabase(name);
            extensions.forEach((extension, schema) ->
                    server.execute(name, "create extension if not exists " + extension + " schema " + schema));
            Connection connection = server.connect(name);
            connection.setAutoCommit(false);
            return new Session(connection);
        }
    }
}
