package io.github.pgbackup.comparison;

import io.github.pgbackup.postgres.RowMapper;
import io.github.pgbackup.postgres.Session;
import io.github.pgbackup.postgres.SqlState;
import io.github.pgbackup.postgres.UserSchemas;
import io.github.pgbackup.source.DumpedRelations;
import java.math.BigInteger;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.BiFunction;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.postgresql.core.Oid;

/**
 * The contents of a database's tables, sequences and large objects. The source, under its snapshot, and the restored
 * database are queried in the same way.
 *
 * @param tables the number of rows, and optionally a fingerprint of the content, of each table with rows of its own;
 *     for a table that is hash partitioned by an enum, all rows of its partitions, because they may be restored to
 *     other partitions
 * @param leaves the tables that hold the rows: the table itself, or its partitions
 * @param tableBytes the size of each of these tables by {@code pg_table_size}: with TOAST, without indexes
 * @param sequences the state of each sequence
 * @param materializedViews whether each one is populated; a restore recomputes its rows
 * @param largeObjects their content, owners, privileges and comments
 */
public record DatabaseObservations(
        Map<TableName, TableObservation> tables,
        Map<TableName, Set<TableName>> leaves,
        Map<TableName, Long> tableBytes,
        Map<TableName, SequenceObservation> sequences,
        Map<TableName, Boolean> materializedViews,
        LargeObjects largeObjects) {

    /** Number of tables per statement: with ten thousand tables, a round trip for each would be noticeable. */
    private static final int BATCH = 100;

    /** Total size of the tables of a batch, so that sessions that share the work finish at about the same time. */
    private static final long BATCH_BYTES = 64L << 20;

    /** A column's value in a form that is the same in every major version: 19 prints a pg_lsn with leading zeros. */
    private static final String PRINTED = """
            pg_catalog.quote_ident(a.attname) || case
                when exists (select from pg_catalog.pg_type t where t.oid = a.atttypid
                             and 'pg_catalog.pg_lsn'::pg_catalog.regtype in (t.oid, t.typbasetype))
                then ' operator(pg_catalog.-) ''0/0''::pg_catalog.pg_lsn' else '' end""";

    /**
     * A column's value for {@link RowHash#HASH_RECORD_EXTENDED}: the value itself if its type considers only identical
     * values equal, otherwise its text. For example, numbers with different scales can be equal, and texts under some
     * collations. The base type of a domain counts.
     */
    private static final String HASHABLE = """
            case
                when a.base in (%s) then pg_catalog.quote_ident(a.attname)
                when a.base in (%s) then pg_catalog.quote_ident(a.attname) || ' collate pg_catalog."C"'
                when a.base in (%s) then pg_catalog.quote_ident(a.attname) || '::pg_catalog.text collate pg_catalog."C"'
                else 'row(' || %s || ')::pg_catalog.text collate pg_catalog."C"' end""".formatted(
                    oids(
                            Oid.BOOL,
                            Oid.CHAR,
                            Oid.INT2,
                            Oid.INT4,
                            Oid.INT8,
                            Oid.OID,
                            Oid.DATE,
                            Oid.TIME,
                            Oid.TIMESTAMP,
                            Oid.TIMESTAMPTZ,
                            Oid.UUID,
                            Oid.BYTEA),
                    oids(Oid.TEXT, Oid.VARCHAR),
                    oids(Oid.NUMERIC, Oid.JSON, Oid.JSONB),
                    PRINTED);

    /**
     * Tables with rows of their own, for which pg_dump dumps rows: leaf partitions and plain tables. Excludes foreign
     * and temporary tables and, on a standby, unlogged ones. Rows of an extension's table come with the extension,
     * except those that it marks as the user's (pg_extension_config_dump); these are selected by the extension's
     * condition.
     */
    private static final String TABLES =
            """
            select n.nspname, c.relname,
                   columns.printed, columns.hashable, columns.generated, columns.hashable_generated,
                   coalesce(config.condition, ''), coalesce(pg_catalog.pg_table_size(c.oid), 0) as bytes,
                   rn.nspname, r.relname
            from pg_catalog.pg_class c
            join pg_catalog.pg_namespace n on n.oid = c.relnamespace
            left join (select unnest(extconfig) as oid, unnest(extcondition) as condition
                       from pg_catalog.pg_extension) config on config.oid = c.oid
            cross join lateral (
                select coalesce(pg_catalog.string_agg(%2$s, ', ' order by a.attname collate "C") filter (where a.attgenerated = ''), ''),
                       coalesce(pg_catalog.string_agg(%3$s, ', ' order by a.attname collate "C") filter (where a.attgenerated = ''), ''),
                       coalesce(pg_catalog.string_agg(%2$s, ', ' order by a.attname collate "C") filter (where a.attgenerated = 's'), ''),
                       coalesce(pg_catalog.string_agg(%3$s, ', ' order by a.attname collate "C") filter (where a.attgenerated = 's'), '')
                from (select a.*, coalesce(nullif(t.typbasetype, 0), t.oid) as base
                      from pg_catalog.pg_attribute a join pg_catalog.pg_type t on t.oid = a.atttypid
                      where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) a)
                columns (printed, hashable, generated, hashable_generated)
            left join pg_catalog.pg_class r on r.oid = %1$s
            left join pg_catalog.pg_namespace rn on rn.oid = r.relnamespace
            where c.relkind = 'r' and c.relpersistence <> 't'
              and %4$s
              and not (c.relpersistence = 'u' and pg_catalog.pg_is_in_recovery())
              and (config.oid is not null
                   or not exists (select from pg_catalog.pg_depend d
                                  where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.objid = c.oid
                                    and d.deptype = 'e'))
            order by bytes desc, 1, 2""".formatted(DumpedRelations.TOPMOST_HASHED_BY_ENUM, PRINTED, HASHABLE, UserSchemas.CONDITION);

    private static final String MATERIALIZED_VIEWS = """
            select n.nspname, c.relname, c.relispopulated
            from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
            where c.relkind = 'm'""";

    /** Hashes large objects in pieces of 1 MiB, because one can have 4 TiB; needs no more privileges than pg_dump. */
    private static final String PIECES_OF_LARGE_OBJECTS = """
            from (select pg_catalog.md5(pg_catalog.convert_to(oid || ':' || size || ':' || piece || ':', 'UTF8')
                             || pg_catalog.lo_get(oid, piece, 1048576)) as h, oid
                  from (select oid, pg_catalog.lo_lseek64(descriptor, 0, 2) as size, pg_catalog.lo_close(descriptor)
                        from (select oid, pg_catalog.lo_open(oid, 262144) as descriptor
                              from pg_catalog.pg_largeobject_metadata offset 0) opened
                        offset 0) measured
                  cross join pg_catalog.generate_series(0, size, 1048576) as piece) as pieces""";

    private static final String FACTS_OF_LARGE_OBJECTS = """
            from (select m.oid, pg_catalog.md5(row(m.oid, %s)::pg_catalog.text) as h
                  from pg_catalog.pg_largeobject_metadata m) as facts""";

    private static final String COMMENT = "pg_catalog.obj_description(m.oid, 'pg_largeobject')";

    /** For more large objects than this, only the sums are compared. */
    private static final int MAX_SEPARATE_LARGE_OBJECTS = 20_000;

    /** A missing ACL means the same as the default ACL, which a restore may write explicitly. */
    private static final String OWNER_AND_PRIVILEGES = """
            pg_catalog.pg_get_userbyid(m.lomowner),
            (select pg_catalog.string_agg(a::pg_catalog.text, ',' order by a::pg_catalog.text collate "C")
             from pg_catalog.unnest(coalesce(m.lomacl, pg_catalog.acldefault('L', m.lomowner))) a)""";

    /** Sums of both halves of an MD5 called h. */
    private static final String SUMS_OF_HASHES = """
            coalesce(sum(('x' || substr(h, 1, 16))::bit(64)::bigint), 0)
            || ':' || coalesce(sum(('x' || substr(h, 17, 16))::bit(64)::bigint), 0)""";

    private static final String SEQUENCES = """
            select n.nspname, c.relname, s.seqincrement, s.seqcycle
            from pg_catalog.pg_sequence s
            join pg_catalog.pg_class c on c.oid = s.seqrelid
            join pg_catalog.pg_namespace n on n.oid = c.relnamespace
            where c.relpersistence <> 't'
              and not (c.relpersistence = 'u' and pg_catalog.pg_is_in_recovery())
              and not exists (select from pg_catalog.pg_depend d
                              where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.objid = c.oid
                                and d.deptype = 'e')
            order by 1, 2""";

    public DatabaseObservations {
        tables = new TreeMap<>(tables);
        leaves = new TreeMap<>(leaves);
        tableBytes = new TreeMap<>(tableBytes);
        sequences = new TreeMap<>(sequences);
        materializedViews = new TreeMap<>(materializedViews);
    }

    /**
     * A table's rows.
     *
     * @param rows number of rows
     * @param fingerprint of all rows without generated columns, independent of their order; empty when the content was
     *     not requested
     * @param generated fingerprint of the rows with their stored generated columns, which a restore recomputes; empty
     *     for a table without such columns
     * @param unreadable why the rows could not be read, without their values; in this case the number of rows is 0
     */
    public record TableObservation(long rows, String fingerprint, String generated, Optional<String> unreadable) {

        public TableObservation(long rows, String fingerprint, String generated) {
            this(rows, fingerprint, generated, Optional.empty());
        }

        private static TableObservation unreadable(String why) {
            return new TableObservation(0, "", "", Optional.of(why));
        }

        /** Combines the rows of both tables: a fingerprint consists of a number of rows and a sum. */
        TableObservation plus(TableObservation other) {
            long both = rows + other.rows;
            return new TableObservation(
                    both,
                    plus(both, fingerprint, other.fingerprint),
                    plus(both, generated, other.generated),
                    unreadable.or(other::unreadable));
        }

        private static String plus(long rows, String one, String other) {
            return one.isEmpty() || other.isEmpty() ? "" : rows + ":" + sum(one).add(sum(other));
        }

        private static BigInteger sum(String fingerprint) {
            return new BigInteger(fingerprint.substring(fingerprint.indexOf(':') + 1));
        }
    }

    /**
     * A sequence's state.
     *
     * @param increment its increment; negative for a descending sequence
     * @param cycle whether it wraps around, so that a lower value is not a loss
     */
    public record SequenceObservation(long lastValue, boolean called, long increment, boolean cycle) {}

    /**
     * A table to query.
     *
     * @param columns all columns except generated ones, sorted by name
     * @param generated the stored generated columns, likewise
     * @param condition which rows of an extension's table are the user's; empty for all
     * @param bytes size on disk of the table and its TOAST table
     * @param compared the table whose rows are compared: the table itself, or the ancestor whose rows may be restored
     *     to other partitions
     */
    private record Table(
            TableName name,
            RowHash.Columns columns,
            RowHash.Columns generated,
            String condition,
            long bytes,
            TableName compared) {}

    /**
     * The large objects.
     *
     * @param count their number
     * @param content a fingerprint of each by OID, or a combined one under the key 0 when there are many; empty when
     *     only counted
     * @param comments likewise
     * @param owners likewise for owner and privileges
     */
    public record LargeObjects(
            long count, Map<Long, String> content, Map<Long, String> comments, Map<Long, String> owners) {

        /** The key of a combined fingerprint. */
        public static final long ALL = 0;

        public LargeObjects {
            content = new TreeMap<>(content);
            comments = new TreeMap<>(comments);
            owners = new TreeMap<>(owners);
        }

        static LargeObjects of(Session session, boolean content) throws SQLException {
            long count = session.number("select count(*) from pg_catalog.pg_largeobject_metadata");
            boolean each = count <= MAX_SEPARATE_LARGE_OBJECTS;
            return new LargeObjects(
                    count,
                    content && count > 0 ? sums(session, PIECES_OF_LARGE_OBJECTS, each) : Map.of(),
                    count > 0 ? sums(session, FACTS_OF_LARGE_OBJECTS.formatted(COMMENT), each) : Map.of(),
                    count > 0 ? sums(session, FACTS_OF_LARGE_OBJECTS.formatted(OWNER_AND_PRIVILEGES), each) : Map.of());
        }

        private static Map<Long, String> sums(Session session, String from, boolean each) throws SQLException {
            Map<Long, String> sums = new TreeMap<>();
            session.list(
                    each
                            ? "select oid::bigint, " + SUMS_OF_HASHES + " " + from + " group by oid"
                            : "select " + ALL + "::bigint, " + SUMS_OF_HASHES + " " + from,
                    row -> String.valueOf(sums.put(row.getLong(1), row.getString(2))));
            return sums;
        }
    }

    /**
     * The tables that still have to be queried, the largest first. Several sessions may share this list and work in
     * parallel.
     */
    public static final class Tables {

        private final Map<TableName, Long> bytes;
        private final Map<TableName, Set<TableName>> leaves = new TreeMap<>();
        private final Queue<List<Table>> batches = new ConcurrentLinkedQueue<>();

        private Tables(List<Table> tables, Predicate<TableName> asked) {
            this.bytes = tables.stream().collect(Collectors.toMap(Table::compared, Table::bytes, Long::sum));
            tables.forEach(table -> leaves.computeIfAbsent(table.compared(), name -> new TreeSet<>())
                    .add(table.name()));
            List<Table> batch = new ArrayList<>();
            long together = 0;
            for (Table table : tables) {
                if (!asked.test(table.compared())) {
                    continue;
                }
                if (batch.size() == BATCH || together > 0 && together + table.bytes() > BATCH_BYTES) {
                    batches.add(batch);
                    batch = new ArrayList<>();
                    together = 0;
                }
                batch.add(table);
                together += table.bytes();
            }
            if (!batch.isEmpty()) {
                batches.add(batch);
            }
        }

        /** The tables of the session's database. */
        public static Tables of(Session session) throws SQLException {
            return of(session, name -> true);
        }

        /** The tables of the session's database; only some of them are queried. */
        static Tables of(Session session, Predicate<TableName> asked) throws SQLException {
            return new Tables(
                    session.list(TABLES, row -> {
                        TableName name = new TableName(row.getString(1), row.getString(2));
                        String root = row.getString(10);
                        return new Table(
                                name,
                                new RowHash.Columns(row.getString(3), row.getString(4)),
                                new RowHash.Columns(row.getString(5), row.getString(6)),
                                row.getString(7),
                                row.getLong(8),
                                root == null ? name : new TableName(row.getString(9), root));
                    }),
                    asked);
        }

        Map<TableName, Long> bytes() {
            return bytes;
        }

        Map<TableName, Set<TableName>> leaves() {
            return leaves;
        }

        /**
         * Queries tables until none is left, in the session's current transaction. All sessions need the same settings
         * for time zone, date style and so on.
         *
         * @param hash the function to fingerprint rows with, which reads every value; null to only count rows
         * @param keepGoing whether to record a table that cannot be read; otherwise throws
         *     {@link UnreadableTableException}
         * @return the observations of this session, with leaf partitions under their own names
         */
        public Map<TableName, TableObservation> ask(Session session, @Nullable RowHash hash, boolean keepGoing)
                throws SQLException {
            Map<TableName, TableObservation> observations = new TreeMap<>();
            for (List<Table> next = batches.poll(); next != null; next = batches.poll()) {
                List<Table> batch = next;
                try {
                    ask(session, batch, hash, observations);
                } catch (SQLException failure) {
                    if (!isOfATable(failure)) {
                        throw failure;
                    }
                    session.execute("rollback to savepoint observations");
                    for (Table table : batch) {
                        askAlone(session, table, hash, keepGoing, observations);
                    }
                }
            }
            return observations;
        }

        private static void ask(
                Session session,
                List<Table> tables,
                @Nullable RowHash hash,
                Map<TableName, TableObservation> observations)
                throws SQLException {
            inSavepoint(
                    session,
                    unionAll(
                            tables,
                            (table, index) -> hash == null ? count(table, index) : fingerprint(table, index, hash)),
                    row -> observations.put(
                            tables.get(row.getInt(1)).name(),
                            new TableObservation(row.getLong(2), row.getString(3), row.getString(4))));
        }

        /** Queries tables one by one, to find out which one cannot be read. */
        private static void askAlone(
                Session session,
                Table table,
                @Nullable RowHash hash,
                boolean keepGoing,
                Map<TableName, TableObservation> observations)
                throws SQLException {
            try {
                ask(session, List.of(table), hash, observations);
            } catch (SQLException failure) {
                if (!isOfATable(failure)) {
                    throw failure;
                }
                // A missing file says nothing about a backup.
                if (!keepGoing || SqlState.of(failure).isOfTheSystem()) {
                    throw new UnreadableTableException(table.name(), failure);
                }
                session.execute("rollback to savepoint observations");
                observations.put(table.name(), TableObservation.unreadable("SQLSTATE " + failure.getSQLState()));
            }
        }

        /** Excludes failures of the connection, of resources, of an operator or caused by another session. */
        private static boolean isOfATable(SQLException failure) {
            return !String.valueOf(failure.getSQLState()).matches("(08|25|40|53|55|57).*|");
        }
    }

    private record Sequence(TableName name, long increment, boolean cycle) {}

    /**
     * Observes everything except tables, in the session's current transaction.
     *
     * @param asked the tables
     * @param tables the results of {@link Tables#ask} for them
     * @param content whether to fingerprint large objects, which reads every byte
     * @param sequences their state when the dump began, from {@link #sequences}
     */
    public static DatabaseObservations of(
            Session session,
            Tables asked,
            Map<TableName, TableObservation> tables,
            boolean content,
            Map<TableName, SequenceObservation> sequences)
            throws SQLException {
        Map<TableName, TableObservation> compared = new TreeMap<>();
        asked.leaves()
                .forEach((name, leaves) -> leaves.forEach(leaf ->
                        compared.merge(name, Objects.requireNonNull(tables.get(leaf)), TableObservation::plus)));
        return new DatabaseObservations(
                compared,
                asked.leaves(),
                asked.bytes(),
                sequences,
                materializedViews(session),
                LargeObjects.of(session, content));
    }

    private static Map<TableName, Boolean> materializedViews(Session session) throws SQLException {
        Map<TableName, Boolean> populated = new TreeMap<>();
        session.list(
                MATERIALIZED_VIEWS,
                row -> populated.put(new TableName(row.getString(1), row.getString(2)), row.getBoolean(3)));
        return populated;
    }

    /**
     * Observes the same database after a change, in the session's current transaction.
     *
     * @param changed tables whose rows may have changed; new tables are queried in any case
     * @param hash the hash of these observations
     * @param otherChanges whether anything other than rows of tables may have changed
     */
    public DatabaseObservations after(
            Session session, Set<TableName> changed, @Nullable RowHash hash, boolean otherChanges) throws SQLException {
        Tables now = Tables.of(session, name -> changed.contains(name) || !tables.containsKey(name));
        Map<TableName, TableObservation> observations = now.ask(session, hash, true);
        Map<TableName, TableObservation> compared = new TreeMap<>(tables);
        compared.keySet().retainAll(now.leaves().keySet());
        now.leaves().forEach((name, leaves) -> {
            if (leaves.stream().allMatch(observations::containsKey)) {
                compared.put(
                        name,
                        leaves.stream()
                                .map(leaf -> Objects.requireNonNull(observations.get(leaf)))
                                .reduce(TableObservation::plus)
                                .orElseThrow());
            }
        });
        Map<TableName, Boolean> views = otherChanges ? materializedViews(session) : materializedViews;
        return new DatabaseObservations(
                compared,
                now.leaves(),
                now.bytes(),
                otherChanges ? sequences(session) : sequences,
                views,
                otherChanges ? LargeObjects.of(session, hash != null) : largeObjects);
    }

    /** The same observations with only the number of rows. */
    public DatabaseObservations withoutContent() {
        Map<TableName, TableObservation> counted = new TreeMap<>();
        tables.forEach((name, observation) ->
                counted.put(name, new TableObservation(observation.rows(), "", "", observation.unreadable())));
        return new DatabaseObservations(
                counted,
                leaves,
                tableBytes,
                sequences,
                materializedViews,
                new LargeObjects(largeObjects.count(), Map.of(), largeObjects.comments(), largeObjects.owners()));
    }

    /** Queries only the sequences, whose values are independent of snapshots. */
    public static Map<TableName, SequenceObservation> sequences(Session session) throws SQLException {
        List<Sequence> sequences = session.list(
                SEQUENCES,
                row -> new Sequence(
                        new TableName(row.getString(1), row.getString(2)), row.getLong(3), row.getBoolean(4)));
        Map<TableName, SequenceObservation> observations = new TreeMap<>();
        for (List<Sequence> batch : batches(sequences)) {
            inSavepoint(
                    session,
                    unionAll(
                            batch,
                            (each, index) -> "select " + index + ", last_value, is_called from "
                                    + each.name().quoted()),
                    row -> {
                        Sequence sequence = batch.get(row.getInt(1));
                        return observations.put(
                                sequence.name(),
                                new SequenceObservation(
                                        row.getLong(2), row.getBoolean(3), sequence.increment(), sequence.cycle()));
                    });
        }
        return observations;
    }

    /**
     * A query locks its tables, indexes and sequences until the transaction ends, and thousands of them would fill the
     * server's lock table. Rolling back to a savepoint releases these locks.
     */
    private static <T> void inSavepoint(Session session, String sql, RowMapper<T> row) throws SQLException {
        session.execute("savepoint observations");
        session.list(sql, row);
        session.execute("rollback to savepoint observations");
    }

    private static <T> String unionAll(List<T> batch, BiFunction<T, Integer, String> select) {
        return IntStream.range(0, batch.size())
                .mapToObj(index -> select.apply(batch.get(index), index))
                .collect(Collectors.joining(" union all "));
    }

    private static String count(Table table, int index) {
        return "select " + index + ", count(*), '', '' from only "
                + table.name().quoted() + " " + table.condition();
    }

    /**
     * The sum of the hashes of all rows: independent of their order, and duplicate rows count. A row is hashed with its
     * columns in the order of their names, because their physical order may change.
     */
    private static String fingerprint(Table table, int index, RowHash hash) {
        String generated = table.generated().printed().isEmpty()
                ? "''"
                : sum(hash, table.columns().and(table.generated()));
        return "select " + index + ", count(*), " + sum(hash, table.columns()) + ", " + generated + " from only "
                + table.name().quoted() + " " + table.condition();
    }

    private static String sum(RowHash hash, RowHash.Columns columns) {
        return "count(*) || ':' || coalesce(sum(" + hash.ofRow(columns) + "), 0)";
    }

    private static String oids(int... types) {
        return IntStream.of(types).mapToObj(String::valueOf).collect(Collectors.joining(", "));
    }

    private static <T> List<List<T>> batches(List<T> all) {
        List<List<T>> batches = new ArrayList<>();
        for (int from = 0; from < all.size(); from += BATCH) {
            batches.add(all.subList(from, Math.min(all.size(), from + BATCH)));
        }
        return batches;
    }
}
