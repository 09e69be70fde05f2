package io.github.pgbackup.run;

import io.github.pgbackup.postgres.QualifiedName;
import io.github.pgbackup.test.ProductionServer;
import io.github.pgbackup.test.Programs;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A database with an object of every kind that a backup contains, names of every kind, and a table for each pair of values
 * in {@code corpus/values.txt}: the features of PostgreSQL 13, and those of each newer major.
 */
public final class OddDatabase {

    private static final int OLDEST = 13;

    private OddDatabase() {}

    /** A server of this major with the roles of an odd database. */
    public static ProductionServer server(Programs programs) {
        ProductionServer production =
                ProductionServer.start(programs.bin(), "postgres", "wal_level=logical", "max_prepared_transactions=1");
        production.load("postgres", "corpus/roles.sql");
        return production;
    }

    static void create(ProductionServer production, String name) {
        create(production, name, Integer.parseInt(production.query("postgres", "show server_version_num")) / 10000);
    }

    public static void create(ProductionServer production, String name, int major) {
        StringBuilder sql = new StringBuilder(resource("odd.sql"));
        for (int part = OLDEST + 1; part <= major; part++) {
            sql.append(resource("odd-" + part + ".sql"));
        }
        production.createDatabase(name);
        production.execute(
                name,
                sql.append(values().stream().map(Value::table).collect(Collectors.joining()))
                        .toString()
                        .replace(":database", QualifiedName.quote(name)));
    }

    /** A column's type, and two values of it in SQL. */
    record Value(int line, String type, String before, String after) {

        /** Two equal rows and a third one: a change of one row keeps the number of distinct values. */
        private String table() {
            return "create table %s (v %s);\ninsert into %1$s values (%s), (%3$s), (%4$s);\n"
                    .formatted(QualifiedName.quote(name()), type, before, after);
        }

        private String name() {
            return "value %d: %s".formatted(line, type);
        }

        Alteration alteration() {
            return new Alteration(
                    "value",
                    List.of("TABLE DATA public." + name()),
                    "update %s set v = %s where ctid = '(0,1)'".formatted(QualifiedName.quote(name()), after));
        }
    }

    static List<Value> values() {
        List<Value> values = new ArrayList<>();
        for (String line : resource("values.txt").split("\n", -1)) {
            if (!line.isEmpty() && !line.startsWith("#")) {
                String[] fields = line.split(" \\| ", -1);
                values.add(new Value(values.size() + 1, fields[0], fields[1], fields[2]));
            }
        }
        return values;
    }

    static String resource(String name) {
        try (InputStream resource = OddDatabase.class.getClassLoader().getResourceAsStream("corpus/" + name)) {
            if (resource == null) {
                throw new IllegalArgumentException("There is no corpus/" + name + ".");
            }
            return new String(resource.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
