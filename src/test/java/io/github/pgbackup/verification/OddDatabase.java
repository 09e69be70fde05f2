package io.github.pgbackup.verification;

import io.github.pgbackup.postgres.QualifiedName;
import io.github.pgbackup.test.ProductionServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** A database with one of every kind of object that a backup holds; the server needs {@code corpus/roles.sql}. */
final class OddDatabase {

    private OddDatabase() {}

    static void create(ProductionServer production, String name) {
        production.createDatabase(name);
        try (InputStream sql = OddDatabase.class.getClassLoader().getResourceAsStream("corpus/odd.sql")) {
            production.execute(
                    name,
                    new String(sql.readAllBytes(), StandardCharsets.UTF_8)
                            .replace(":database", QualifiedName.quote(name)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
