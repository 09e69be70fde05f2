package io.github.pgbackup.run;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.Console;
import io.github.pgbackup.Remedy;
import io.github.pgbackup.container.DaemonFinder;
import io.github.pgbackup.expectation.CapturedExpectation;
import io.github.pgbackup.expectation.ObjectKind;
import io.github.pgbackup.plan.CapturePlan;
import io.github.pgbackup.plan.DatabaseAddress;
import io.github.pgbackup.plan.NamePattern;
import io.github.pgbackup.postgres.Session;
import io.github.pgbackup.postgres.UserSchemas;
import io.github.pgbackup.production.SourceOpener;
import io.github.pgbackup.source.BlockingLimits;
import io.github.pgbackup.source.Credentials;
import io.github.pgbackup.source.DumpedRelations;
import io.github.pgbackup.source.Identity;
import io.github.pgbackup.source.ProductionWatcher;
import io.github.pgbackup.source.SessionLimits;
import io.github.pgbackup.source.Source;
import io.github.pgbackup.stage.Heartbeat;
import io.github.pgbackup.stage.Interruption;
import io.github.pgbackup.stage.Problems;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * Queries a source for what could be expected of its backup. It uses one read-only transaction that sees one state, and
 * releases the lock on each table before it queries the next.
 */
public final class ExpectationCapture {

    private static final String INSUFFICIENT_PRIVILEGE = "42501";

    /** character_not_in_repertoire: the server cannot convert a text to our encoding, UTF-8. */
    private static final String NOT_IN_UTF8 = "22021";

    /**
     * Whether the server can send us a name: SQL_ASCII accepts any bytes. The test reads the hexadecimal digits, because no
     * function tests an encoding without raising an error.
     */
    private static final String IS_UTF8 = """
            case pg_catalog.getdatabaseencoding() when 'SQL_ASCII' then
                pg_catalog.encode(pg_catalog.convert_to(%1$s::text, 'SQL_ASCII'), 'hex') ~ ('^([0-7].|(c[2-9a-f]|d.)[89ab].'
                    || '|(e0[ab]|e[1-9a-cef][89ab]|ed[89]).[89ab].'
                    || '|(f0[9ab]|f[1-3][89ab]|f48).[89ab].[89ab].)*$')
            else true end""";

    /** Excludes members of an extension, because CREATE EXTENSION creates them. */
    private static final String NOT_OF_EXTENSION = """
            not exists (select from pg_catalog.pg_depend d
                        where d.classid = '%s'::pg_catalog.regclass and d.objid = %s.oid and d.deptype = 'e')""";

    /**
     * A partition is like its parent, and an unlogged table has no rows on a standby. A partition by the hash of an enum may
     * have other rows after a restore. A child of an extension's table has rows that CREATE EXTENSION inserts.
     */
    private static final String RELATIONS = """
            select n.nspname, c.relname, c.relkind::text as kind, c.relispartition,
                   not (c.relpersistence = 'u' and pg_catalog.pg_is_in_recovery()) and %s is null as has_rows
            from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
            where c.relkind in ('r', 'p', 'f', 'v', 'm', 'S') and c.relpersistence <> 't'
              and %s and %s and %s and %s
            order by n.nspname, c.relkind in ('S', 'v', 'm'), c.relname""".formatted(
                    DumpedRelations.TOPMOST_HASHED_BY_ENUM,
                    UserSchemas.CONDITION,
                    NOT_OF_EXTENSION.formatted("pg_catalog.pg_class", "c"),
                    IS_UTF8.formatted("n.nspname"),
                    IS_UTF8.formatted("c.relname"));

    private static final String OF_TABLE =
            " x join pg_catalog.pg_class c on c.oid = %s join pg_catalog.pg_namespace n on n.oid = c.relnamespace"
                    + " where n.nspname = ? and c.relname = ?";

    private static final String COLUMNS = "select x.attname from pg_catalog.pg_attribute"
            + OF_TABLE.formatted("x.attrelid") + " and x.attnum > 0 and not x.attisdropped and "
            + IS_UTF8.formatted("x.attname") + " order by x.attnum";

    /** The constraints that pg_dump writes for this table; it writes inherited ones with the parent. */
    private static final String CONSTRAINTS =
            "select x.conname from pg_catalog.pg_constraint" + OF_TABLE.formatted("x.conrelid")
                    + " and x.contype in ('c', 'f', 'p', 'u', 'x') and x.conislocal and x.conparentid = 0"
                    + " and " + IS_UTF8.formatted("x.conname") + " order by x.conname";

    /** The index of a key belongs to its constraint, and no backup contains an invalid index. */
    private static final String INDEXES = "select i.relname from pg_catalog.pg_index"
            + OF_TABLE.formatted("x.indrelid")
                    .replace(" where", " join pg_catalog.pg_class i on i.oid = x.indexrelid where")
            + " and x.indisvalid and not exists (select from pg_catalog.pg_constraint o where o.conindid = x.indexrelid"
            + " and o.contype in ('p', 'u', 'x')) and " + IS_UTF8.formatted("i.relname") + " order by i.relname";

    private static final String POLICIES = "select x.polname from pg_catalog.pg_policy"
            + OF_TABLE.formatted("x.polrelid") + " and " + IS_UTF8.formatted("x.polname") + " order by x.polname";

    private static final String EXTENSIONS =
            "select extname from pg_catalog.pg_extension where extname <> 'plpgsql' order by extname";

    private final CapturePlan plan;
    private final SourceOpener sources;
    private final Console console;
    private final Interruption interruption;

    public ExpectationCapture(
            CapturePlan plan,
            Function<DatabaseAddress, Credentials> credentials,
            DaemonFinder daemons,
            Console console,
            Interruption interruption) {
        this.plan = plan;
        this.sources = new SourceOpener(
                credentials, daemons, new SessionLimits(plan.timeout(), plan.lockWaitTimeout()), console);
        this.console = console;
        this.interruption = interruption;
        daemons.onSilence(interruption::daemonIsSilent);
    }

    private record Relation(String schema, String name, String kind, boolean partition, boolean hasRows) {

        boolean isIn(List<NamePattern> patterns) {
            return patterns.stream().anyMatch(pattern -> pattern.matches(schema, name));
        }

        boolean isTable() {
            return "rpf".contains(kind);
        }
    }

    /**
     * The expectations that a backup of the source would satisfy now.
     *
     * @throws CannotVerifyException when the source is not the expected database, or cannot be queried
     */
    public List<CapturedExpectation> run() {
        try {
            return capture();
        } catch (PSQLException e) {
            ServerErrorMessage error = e.getServerErrorMessage();
            if (error == null || !INSUFFICIENT_PRIVILEGE.equals(e.getSQLState())) {
                throw Problems.of(e, interruption.reason(), "The source");
            }
            throw new CannotVerifyException(
                    "The source's role may not read everything that you selected: " + error.getMessage() + ".",
                    Remedy.CAPTURE_WHAT_THE_ROLE_MAY_READ);
        } catch (SQLException | InterruptedException | RuntimeException e) {
            // Without the cause, which can quote values of rows.
            throw Problems.of(e, interruption.reason(), "The source");
        }
    }

    private List<CapturedExpectation> capture() throws SQLException, InterruptedException {
        Source source = sources.open(plan.source());
        var refusal = Identity.refusal(plan.identity().findings(source.identity(), source.container()));
        if (refusal.isPresent()) {
            throw refusal.get();
        }
        console.info("  " + source.describe() + " as " + source.identity().role() + ", PostgreSQL "
                + source.identity().version());
        try (Session session = source.connect();
                ProductionWatcher watcher = ProductionWatcher.start(
                        source,
                        session.pid(),
                        new BlockingLimits(plan.maximumBlocking(), plan.maximumSnapshotBlocking()),
                        sentence -> interruption.interrupt(new Interruption.Reason(
                                "The queries were cancelled to protect production: " + sentence,
                                Remedy.ASK_WHEN_NO_MIGRATION_RUNS)),
                        sentence -> interruption.interrupt(
                                new Interruption.Reason(sentence, Remedy.LOOK_AT_THE_NETWORK)))) {
            interruption.onInterrupt(session::cancel);
            session.answersWithin(Duration.ZERO);
            session.execute("begin isolation level repeatable read, read only");
            List<CapturedExpectation> captured = capture(session);
            session.execute("rollback");
            watcher.observations().failure().ifPresent(console::warn);
            return captured;
        }
    }

    private List<CapturedExpectation> capture(Session session) throws SQLException {
        if ("SQL_ASCII".equals(session.text("select pg_catalog.getdatabaseencoding()"))) {
            console.warn("The encoding of the database is SQL_ASCII: names and values that are not valid UTF-8 are left"
                    + " out, because a POM cannot contain them.");
        }
        List<Relation> relations = relations(session);
        List<CapturedExpectation> captured = new ArrayList<>();
        AtomicInteger asked = new AtomicInteger();
        Heartbeat asking = Heartbeat.start(
                console, () -> "  table, view or sequence " + asked + " of " + relations.size(), Duration.ofSeconds(1));
        try {
            for (String extension : session.list(EXTENSIONS, row -> row.getString(1))) {
                captured.add(CapturedExpectation.present(ObjectKind.EXTENSION, extension));
            }
            Set<String> schemas = new LinkedHashSet<>();
            for (Relation relation : relations) {
                asked.incrementAndGet();
                if (schemas.add(relation.schema())) {
                    captured.add(CapturedExpectation.present(ObjectKind.SCHEMA, relation.schema()));
                }
                session.execute("savepoint relation");
                captured.addAll(capture(session, relation));
                session.execute("rollback to savepoint relation");
            }
        } finally {
            asking.end();
        }
        return captured;
    }

    private List<Relation> relations(Session session) throws SQLException {
        List<Relation> all = session.list(
                RELATIONS,
                row -> new Relation(
                        row.getString(1), row.getString(2), row.getString(3), row.getBoolean(4), row.getBoolean(5)));
        for (NamePattern pattern : plan.include()) {
            if (all.stream().noneMatch(relation -> pattern.matches(relation.schema(), relation.name()))) {
                throw new CannotVerifyException(
                        "No table, view or sequence of the source matches " + pattern + ".",
                        Remedy.CORRECT_WHAT_IS_INCLUDED);
            }
        }
        return all.stream()
                .filter(relation -> relation.isIn(plan.include()) && !relation.isIn(plan.exclude()))
                .toList();
    }

    private List<CapturedExpectation> capture(Session session, Relation relation) throws SQLException {
        String schema = relation.schema();
        String table = relation.name();
        if (relation.kind().equals("S")) {
            return List.of(CapturedExpectation.present(ObjectKind.SEQUENCE, schema, table));
        }
        List<CapturedExpectation> captured = new ArrayList<>();
        if (relation.isTable()) {
            captured.add(CapturedExpectation.of(
                    session, ObjectKind.TABLE, relation.hasRows() ? List.of("rows") : List.of(), schema, table));
        } else {
            // Its rows are not stored, or a refresh computes them again.
            ObjectKind kind = relation.kind().equals("v") ? ObjectKind.VIEW : ObjectKind.MATERIALIZED_VIEW;
            captured.add(CapturedExpectation.present(kind, schema, table));
        }
        for (String column : relation.partition() ? List.<String>of() : names(session, COLUMNS, relation)) {
            if (!relation.isTable()) {
                addReadable(
                        session,
                        captured,
                        () -> CapturedExpectation.of(
                                session, ObjectKind.COLUMN, List.of("type"), schema, table, column));
                continue;
            }
            int values = relation.hasRows() ? plan.maximumDistinct() : 0;
            boolean readable = addReadable(
                    session, captured, () -> CapturedExpectation.ofColumn(session, values, schema, table, column));
            if (!readable && values > 0) {
                addReadable(session, captured, () -> CapturedExpectation.ofColumn(session, 0, schema, table, column));
            }
        }
        for (String index : names(session, INDEXES, relation)) {
            addReadable(
                    session,
                    captured,
                    () -> CapturedExpectation.of(session, ObjectKind.INDEX, List.of("definition"), schema, index));
        }
        for (String constraint : names(session, CONSTRAINTS, relation)) {
            addReadable(
                    session,
                    captured,
                    () -> CapturedExpectation.of(
                            session, ObjectKind.CONSTRAINT, List.of("definition"), schema, table, constraint));
        }
        for (String policy : names(session, POLICIES, relation)) {
            captured.add(CapturedExpectation.present(ObjectKind.POLICY, schema, table, policy));
        }
        return captured;
    }

    /** A query about an object. */
    private interface Question {
        CapturedExpectation ask() throws SQLException;
    }

    /**
     * Adds what is known about an object, unless it contains bytes that are not UTF-8: the verification could not read them
     * either.
     *
     * @return whether it was added
     */
    private static boolean addReadable(Session session, List<CapturedExpectation> captured, Question question)
            throws SQLException {
        session.execute("savepoint object");
        try {
            captured.add(question.ask());
            session.execute("release savepoint object");
            return true;
        } catch (SQLException e) {
            if (!NOT_IN_UTF8.equals(e.getSQLState())) {
                throw e;
            }
            session.execute("rollback to savepoint object");
            return false;
        }
    }

    private static List<String> names(Session session, String sql, Relation relation) throws SQLException {
        return session.list(sql, row -> row.getString(1), relation.schema(), relation.name());
    }
}
