package io.github.pgbackup.server;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.Remedy;
import io.github.pgbackup.archive.Archive;
import io.github.pgbackup.archive.Entry;
import io.github.pgbackup.archive.TableOfContents;
import io.github.pgbackup.description.DescriptionFindings;
import io.github.pgbackup.engine.PostgresServer;
import io.github.pgbackup.postgres.QualifiedName;
import io.github.pgbackup.postgres.Session;
import io.github.pgbackup.postgres.SessionSettings;
import io.github.pgbackup.restore.PgRestore;
import io.github.pgbackup.restore.Role;
import io.github.pgbackup.restore.RoleProvisioning;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Prepares the throw-away server for a restore, and opens sessions on it. */
public final class Target {

    private static final Pattern TABLESPACE = Pattern.compile(" TABLESPACE = (.+?)(?: [A-Z_]+ = |;)");

    private static final int FIRST_WITH_LOCALE_PROVIDER = 15;
    private static final String LIBC = " LOCALE_PROVIDER = libc";
    private static final String REFERENCE = "pgbackup_reference";
    private static final String OF_BYTES = "pgbackup_bytes";

    private Target() {}

    /**
     * Creates what an archive expects to exist on the server: roles and tablespaces.
     *
     * @return the database to connect to for CREATE DATABASE
     * @throws CannotVerifyException when an extension of the archive is not available here
     */
    public static String prepare(PostgresServer target, Archive archive, List<Role> roles, PgRestore.Roles mode)
            throws SQLException {
        String database = archive.contents().databaseName();
        String maintenance = database.equals("template1") ? "postgres" : "template1";
        try (Session session = target.connect(maintenance)) {
            requireExtensions(session, archive.contents());
            boolean plain = archive.contents().isOfAPlainDump();
            if (mode == PgRestore.Roles.PROVISION || plain) {
                Set<String> existing =
                        new HashSet<>(session.list("select rolname from pg_catalog.pg_roles", row -> row.getString(1)));
                createRoles(
                        target,
                        session,
                        RoleProvisioning.statements(roles, target.version(), existing),
                        archive.contents().charset());
            }
            Set<String> tablespaces = tablespaces(archive.contents());
            tablespaces.removeAll(
                    session.list("select spcname from pg_catalog.pg_tablespace", row -> row.getString(1)));
            for (String tablespace : tablespaces) {
                session.execute("set allow_in_place_tablespaces = on");
                session.execute("create tablespace " + QualifiedName.quote(tablespace) + " location ''");
            }
            // A fresh server has databases that the source may have too: postgres and template1. A used server also has
            // those of the previous restore.
            for (String existing : List.of(database, REFERENCE)) {
                if (hasDatabase(session, existing)) {
                    dropSubscriptions(target, session, existing);
                    session.execute("alter database " + QualifiedName.quote(existing) + " is_template false");
                    session.execute("drop database " + QualifiedName.quote(existing) + " with (force)");
                }
            }
            if (plain && definition(archive).isEmpty()) {
                createDatabase(session, database, archive.contents().encoding());
                return database;
            }
            if (target.version().major() < FIRST_WITH_LOCALE_PROVIDER
                    && definition(archive).contains(LIBC)) {
                // pg_restore's own CREATE DATABASE then fails, because the database exists, and pg_restore continues.
                session.execute(createDatabase(target, archive, database));
            }
        }
        return maintenance;
    }

    /**
     * A role's name has no encoding: it is stored as the bytes that were sent when it was created, whatever the
     * database. pg_restore searches for the bytes that the source's database shows. In a LATIN1 database each byte is a
     * character, so a role created there can have any bytes as its name.
     */
    private static void createRoles(PostgresServer target, Session session, List<String> statements, Charset ofSource)
            throws SQLException {
        if (statements.stream().allMatch(StandardCharsets.US_ASCII.newEncoder()::canEncode)) {
            for (String statement : statements) {
                session.execute(statement);
            }
            return;
        }
        session.execute(
                "create database " + OF_BYTES + " template template0 encoding 'LATIN1' lc_collate 'C' lc_ctype 'C'");
        try (Session ofBytes = target.connect(OF_BYTES)) {
            for (String statement : statements) {
                ofBytes.execute(new String(statement.getBytes(ofSource), StandardCharsets.ISO_8859_1));
            }
        }
        session.execute("drop database " + OF_BYTES);
    }

    private static void requireExtensions(Session session, TableOfContents contents) throws SQLException {
        Set<String> missing = new TreeSet<>();
        contents.entries().stream()
                .filter(entry -> entry.description().equals("EXTENSION"))
                .map(Entry::tag)
                .forEach(missing::add);
        missing.removeAll(session.list("select name from pg_catalog.pg_available_extensions", row -> row.getString(1)));
        if (!missing.isEmpty()) {
            throw new CannotVerifyException(
                    "The throw-away server lacks extensions that the archive needs: " + String.join(", ", missing)
                            + ".",
                    Remedy.HAVE_THE_EXTENSIONS);
        }
    }

    private static Set<String> tablespaces(TableOfContents contents) {
        Set<String> names = new TreeSet<>();
        for (Entry entry : contents.entries()) {
            names.add(entry.tablespace());
            if (entry.description().equals("DATABASE")) {
                Matcher matcher = TABLESPACE.matcher(entry.definition());
                if (matcher.find()) {
                    names.add(QualifiedName.parse(matcher.group(1)).last());
                }
            }
        }
        names.removeAll(Set.of("", "pg_default", "pg_global"));
        return names;
    }

    /**
     * Drops the subscriptions in a database, because PostgreSQL does not drop a database with subscriptions. Without a
     * network, they cannot drop their remote slots.
     */
    private static void dropSubscriptions(PostgresServer target, Session session, String database) throws SQLException {
        List<String> subscriptions = session.list("""
                select s.subname from pg_catalog.pg_subscription s
                join pg_catalog.pg_database d on d.oid = s.subdbid where d.datname = ?""", row -> row.getString(1), database);
        if (subscriptions.isEmpty()) {
            return;
        }
        try (Session inside = target.connect(database)) {
            inside.execute("set default_transaction_read_only = off");
            for (String subscription : subscriptions) {
                String name = QualifiedName.quote(subscription);
                inside.execute("alter subscription " + name + " disable");
                inside.execute("alter subscription " + name + " set (slot_name = none)");
                inside.execute("drop subscription " + name);
            }
        }
    }

    public static boolean hasDatabase(PostgresServer target, String maintenance, String database) throws SQLException {
        try (Session session = target.connect(maintenance)) {
            return hasDatabase(session, database);
        }
    }

    private static boolean hasDatabase(Session session, String database) throws SQLException {
        return session.number("select count(*) from pg_catalog.pg_database where datname = ?", database) > 0;
    }

    /** A session that prints values and sees rows as the source's sessions do, in a transaction that only reads. */
    public static Session read(PostgresServer target, String database) throws SQLException {
        Session session = target.connect(database);
        try {
            settle(session);
            session.execute("begin isolation level repeatable read, read only");
            return session;
        } catch (SQLException e) {
            session.close();
            throw e;
        }
    }

    /** The same kind of session, without a transaction and with the right to write. */
    public static Session write(PostgresServer target, String database) throws SQLException {
        Session session = target.connect(database);
        try {
            settle(session);
            session.execute("set default_transaction_read_only = off; set track_counts = on");
            return session;
        } catch (SQLException e) {
            session.close();
            throw e;
        }
    }

    private static void settle(Session session) throws SQLException {
        session.execute(SessionSettings.ALIKE + "set statement_timeout = 0; set lock_timeout = 0");
    }

    /**
     * Creates the database for a plain dump that creates none. Such a dump names only its encoding, and the C locale
     * suits every encoding.
     */
    private static void createDatabase(Session session, String name, String encoding) throws SQLException {
        session.execute("create database " + QualifiedName.quote(name) + " template template0 encoding '"
                + encoding.replace("'", "''") + "'" + (encoding.equals("UTF8") ? "" : " lc_collate 'C' lc_ctype 'C'"));
    }

    /**
     * The archive's CREATE DATABASE without the locale provider, which pg_dump 15 and newer name and an older server
     * does not know.
     */
    private static String createDatabase(PostgresServer target, Archive archive, String name) {
        String definition = definition(archive);
        String options = definition.substring(definition.lastIndexOf(" WITH TEMPLATE = "));
        return "create database " + QualifiedName.quote(name)
                + (target.version().major() < FIRST_WITH_LOCALE_PROVIDER ? options.replace(LIBC, "") : options);
    }

    private static String definition(Archive archive) {
        // With several archives, the first one creates the database.
        return archive.inParts().get(0).archive().contents().entries().stream()
                .filter(entry -> entry.description().equals("DATABASE"))
                .map(Entry::definition)
                .findFirst()
                .orElse("");
    }

    /** Further databases that the comparison of definitions needs. */
    public record Databases(PostgresServer target, String database) implements DescriptionFindings.Servers {

        @Override
        public Session writing() throws SQLException {
            return target.connect(database);
        }

        @Override
        public Session reference(Map<String, String> extensions) throws SQLException {
            try (Session session = target.connect("template1")) {
                session.execute("drop database if exists " + REFERENCE);
                session.execute("create database " + REFERENCE + " template template0");
            }
            Session session = target.connect(REFERENCE);
            try {
                for (Map.Entry<String, String> extension : extensions.entrySet()) {
                    create(session, extension.getKey(), extension.getValue());
                }
                session.execute("begin isolation level repeatable read, read only");
                return session;
            } catch (SQLException e) {
                session.close();
                throw e;
            }
        }

        /** Creates an extension if possible; a missing extension excuses no difference. */
        private static void create(Session session, String extension, String schema) throws SQLException {
            if (session.number(
                            "select count(*) from pg_catalog.pg_namespace where pg_catalog.quote_ident(nspname) = ?",
                            schema)
                    == 0) {
                session.execute("create schema " + schema);
            }
            try {
                session.execute("create extension if not exists " + extension + " schema " + schema + " cascade");
            } catch (SQLException inThatSchema) {
                try {
                    session.execute("create extension if not exists " + extension + " cascade");
                } catch (SQLException e) {
                    // some extensions need more than a database
                }
            }
        }
    }
}
