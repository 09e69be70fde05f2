package io.github.pgbackup.rehearsal;

import io.github.pgbackup.rehearsal.CopyState.ConstraintState;
import io.github.pgbackup.rehearsal.CopyState.Relation;
import io.github.pgbackup.rehearsal.CopyState.RowCount;
import io.github.pgbackup.rehearsal.LockLog.Span;
import io.github.pgbackup.rehearsal.LockLog.Target;
import io.github.pgbackup.rehearsal.LockLog.Transaction;
import io.github.pgbackup.rehearsal.RehearsalReport.Constraint;
import io.github.pgbackup.rehearsal.RehearsalReport.Index;
import io.github.pgbackup.rehearsal.RehearsalReport.Lock;
import io.github.pgbackup.rehearsal.RehearsalReport.Migration;
import io.github.pgbackup.rehearsal.RehearsalReport.Observation;
import io.github.pgbackup.rehearsal.RehearsalReport.Rows;
import io.github.pgbackup.rehearsal.RehearsalReport.Statement;
import io.github.pgbackup.rehearsal.RehearsalReport.Storage;
import io.github.pgbackup.rehearsal.RehearsalReport.Table;
import io.github.pgbackup.rehearsal.RehearsalReport.Wait;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Combines the states before and after the rehearsal with what was observed in between. */
final class Findings {

    private static final String INSERT = "INSERT";

    private static final Comparator<Optional<LockMode>> LAST_WITHOUT =
            Comparator.comparing(mode -> mode.orElse(LockMode.ACCESS_SHARE));

    private final CopyState before;
    private final CopyState after;
    private final LockObserver observer;
    private final StatementLog log;
    private final Duration elapsed;
    private final Collection<Transaction> transactions;

    Findings(CopyState before, CopyState after, LockObserver observer, StatementLog log, Duration elapsed) {
        this.before = before;
        this.after = after;
        this.observer = observer;
        this.log = log;
        this.elapsed = elapsed;
        this.transactions = observer.log().transactions();
    }

    /**
     * Makes the report.
     *
     * @param unseen number of committed transactions that no sample has seen
     */
    RehearsalReport report(long unseen) {
        List<Migration> migrations = after.history().since(before.history());
        List<Statement> statements = log.statements();
        return new RehearsalReport(
                migrations,
                attributed(statements, migrations),
                log.uncounted(),
                tables(),
                indexes(),
                constraints(),
                before.schema().diff(after.schema()),
                statements.isEmpty() ? elapsed : log.span(),
                new Observation(
                        LockObserver.INTERVAL,
                        observer.log().samples(),
                        observer.log().longestGap(),
                        observer.log().commits(),
                        observer.log().heldUp(),
                        unseen,
                        observer.failure().orElse(null)));
    }

    // ---- tables and their locks ----

    /** All spans during which transactions held a lock of one mode on one table. Index 0 means the table itself. */
    private static final class Spans {
        private Duration longest = Duration.ZERO;
        private Duration total = Duration.ZERO;
        private long first = Long.MAX_VALUE;
        private int transactions;
        private long index = Long.MAX_VALUE;

        void add(Span span, Duration length, long on) {
            longest = length.compareTo(longest) > 0 ? length : longest;
            total = total.plus(length);
            first = Math.min(first, span.first());
            transactions++;
            index = Math.min(index, on);
        }
    }

    /**
     * The tables that were locked or changed. A lock on an index or a TOAST table counts for its table, unless the
     * index or the TOAST table is new.
     */
    private List<Table> tables() {
        Map<Long, Map<LockMode, Spans>> held = new HashMap<>();
        Map<Long, Map<LockMode, Duration>> awaited = new HashMap<>();
        for (Transaction transaction : transactions) {
            Map<Target, Span> ofTables = new HashMap<>();
            Map<Target, Long> indexes = new HashMap<>();
            transaction.held().forEach((target, span) -> {
                long table = tableOf(target.relation());
                Target ofTable = new Target(table, target.mode());
                boolean part = table != target.relation();
                if (!part || before.relations().containsKey(target.relation())) {
                    ofTables.merge(ofTable, span, Span::and);
                    indexes.merge(ofTable, part ? target.relation() : 0L, Math::min);
                }
            });
            ofTables.forEach(
                    (target, span) -> held.computeIfAbsent(target.relation(), oid -> new EnumMap<>(LockMode.class))
                            .computeIfAbsent(target.mode(), mode -> new Spans())
                            .add(span, net(transaction, span), Objects.requireNonNull(indexes.get(target))));
            transaction
                    .awaited()
                    .forEach((target, span) -> awaited.computeIfAbsent(
                                    tableOf(target.relation()), oid -> new EnumMap<>(LockMode.class))
                            .merge(
                                    target.mode(),
                                    span.length(),
                                    (one, other) -> one.compareTo(other) > 0 ? one : other));
        }
        Set<Long> all = new LinkedHashSet<>(held.keySet());
        all.addAll(awaited.keySet());
        all.addAll(before.relations().keySet());
        all.addAll(after.relations().keySet());
        return all.stream()
                .filter(oid -> isTable(oid))
                .map(oid ->
                        table(oid, locks(held.getOrDefault(oid, Map.of())), waits(awaited.getOrDefault(oid, Map.of()))))
                .filter(table -> !table.locks().isEmpty()
                        || !table.waits().isEmpty()
                        || table.storage() != Storage.KEPT
                        || table.rows().changed())
                .sorted(Comparator.comparing(Table::existedBefore)
                        .thenComparing(table -> table.strongestLock().map(Lock::mode), LAST_WITHOUT)
                        .thenComparing(table ->
                                table.strongestLock().map(Lock::longest).orElse(Duration.ZERO))
                        .reversed()
                        .thenComparing(Table::name))
                .toList();
    }

    /** The length of a span, without the time by which the server delayed the commit of a transaction that wrote. */
    private Duration net(Transaction transaction, Span span) {
        Duration length = span.length().minus(transaction.heldUp());
        return length.isNegative() ? Duration.ZERO : length;
    }

    private long tableOf(long relation) {
        return before.relations().containsKey(relation) ? before.tableOf(relation) : after.tableOf(relation);
    }

    /**
     * Whether the OID is that of a table. An index that is gone belongs to a table. A relation that neither state knows
     * was created and dropped in between.
     */
    private boolean isTable(long oid) {
        Relation relation = relation(oid);
        return relation != null && !relation.isIndex() && !relation.isToast();
    }

    private @Nullable Relation relation(long oid) {
        return Optional.ofNullable(after.relations().get(oid))
                .orElse(before.relations().get(oid));
    }

    private List<Lock> locks(Map<LockMode, Spans> held) {
        return held.entrySet().stream()
                .sorted(Map.Entry.<LockMode, Spans>comparingByKey().reversed())
                .map(each -> lock(each.getKey(), each.getValue()))
                .toList();
    }

    private Lock lock(LockMode mode, Spans spans) {
        return new Lock(
                mode,
                mode.blocks(),
                spans.longest,
                spans.total,
                spans.transactions,
                Duration.ofNanos(spans.first),
                spans.index == 0
                        ? null
                        : Objects.requireNonNull(relation(spans.index)).name().toString());
    }

    private static List<Wait> waits(Map<LockMode, Duration> awaited) {
        return awaited.entrySet().stream()
                .sorted(Map.Entry.<LockMode, Duration>comparingByKey().reversed())
                .map(each -> new Wait(each.getKey(), each.getValue()))
                .toList();
    }

    private Table table(long oid, List<Lock> locks, List<Wait> waits) {
        Relation old = before.relations().get(oid);
        Relation now = after.relations().get(oid);
        Relation any = Objects.requireNonNull(relation(oid));
        RowCount rowsBefore = before.rows().get(oid);
        RowCount rowsAfter = after.rows().get(oid);
        Storage storage = storage(old, now, rowsBefore, rowsAfter);
        boolean rewritten = storage == Storage.REWRITTEN || storage == Storage.MOVED;
        return new Table(
                any.name().toString(),
                any.kindInWords(),
                locks.isEmpty() ? null : locks.get(0).mode(),
                locks,
                waits,
                storage,
                old == null ? null : old.bytes(),
                now == null ? null : now.bytes(),
                old == null ? null : old.indexBytes(),
                now == null ? null : now.indexBytes(),
                rowsBefore == null && rowsAfter == null
                        ? Rows.NONE
                        : new Rows(
                                rowsBefore == null ? null : rowsBefore.rows(),
                                rowsAfter == null ? null : rowsAfter.rows(),
                                rowsAfter == null || rewritten ? null : (Long) rowsAfter.written()));
    }

    private static Storage storage(
            @Nullable Relation old,
            @Nullable Relation now,
            @Nullable RowCount rowsBefore,
            @Nullable RowCount rowsAfter) {
        if (old == null) {
            return Storage.CREATED;
        }
        if (now == null) {
            return Storage.DROPPED;
        }
        if (now.file() == old.file() || now.file() == 0) {
            return Storage.KEPT;
        }
        if (now.tablespace() != old.tablespace()) {
            return Storage.MOVED;
        }
        boolean emptied = rowsBefore != null && rowsBefore.rows() > 0 && rowsAfter != null && rowsAfter.rows() == 0;
        return emptied ? Storage.EMPTIED : Storage.REWRITTEN;
    }

    // ---- indexes and constraints ----

    private List<Index> indexes() {
        List<Index> indexes = new ArrayList<>();
        after.indexes().forEach((oid, index) -> {
            Relation old = before.relations().get(oid);
            Relation now = Objects.requireNonNull(after.relations().get(oid));
            boolean rebuilt = old != null && old.file() != now.file() && now.file() != 0 && isKept(index.table());
            if (old == null || rebuilt) {
                indexes.add(new Index(
                        now.name().toString(),
                        after.name(index.table()),
                        rebuilt,
                        index.valid(),
                        lockBy(now.xid(), index.table())));
            }
        });
        indexes.sort(Comparator.comparing(Index::name));
        return indexes;
    }

    private boolean isKept(long table) {
        Relation old = before.relations().get(table);
        Relation now = after.relations().get(table);
        return old != null && now != null && old.file() == now.file();
    }

    private List<Constraint> constraints() {
        List<Constraint> constraints = new ArrayList<>();
        after.constraints().forEach((oid, now) -> {
            ConstraintState old = before.constraints().get(oid);
            boolean validated = old != null && !old.validated() && now.validated();
            if (after.relations().containsKey(now.table()) && (old == null || validated)) {
                constraints.add(new Constraint(
                        now.name(),
                        after.name(now.table()),
                        now.kind(),
                        old == null,
                        now.validated(),
                        lockBy(now.xid(), now.table())));
            }
        });
        constraints.sort(Comparator.comparing(Constraint::table).thenComparing(Constraint::name));
        return constraints;
    }

    /**
     * The strongest lock on an existing table, held by the transaction that wrote a row of the catalogs: both the row
     * and pg_locks contain the transaction's ID.
     */
    private @Nullable Lock lockBy(long xid, long table) {
        if (!before.relations().containsKey(table)) {
            return null;
        }
        for (Transaction transaction : transactions) {
            if (transaction.has(xid)) {
                Optional<Map.Entry<Target, Span>> strongest = transaction.held().entrySet().stream()
                        .filter(each -> each.getKey().relation() == table)
                        .max(Comparator.comparing(each -> each.getKey().mode()));
                if (strongest.isPresent()) {
                    Spans spans = new Spans();
                    Span span = strongest.get().getValue();
                    spans.add(span, net(transaction, span), 0);
                    return lock(strongest.get().getKey().mode(), spans);
                }
            }
        }
        return null;
    }

    // ---- statements ----

    /**
     * Assigns statements to migrations. A tool records a migration with an INSERT after the migration's statements, on
     * the same connection or on another one. So the statements up to the n-th of these INSERTs belong to the n-th
     * migration. Flyway first marks a baseline or a schema that it created, in the same way. If there are more or fewer
     * INSERTs than that, no statement is assigned.
     */
    private List<Statement> attributed(List<Statement> statements, List<Migration> migrations) {
        List<Integer> recorded = new ArrayList<>();
        for (int i = 0; i < statements.size(); i++) {
            Statement statement = statements.get(i);
            String sql = statement.sql().toLowerCase(Locale.ROOT);
            if (statement.command().equals(INSERT)
                    && after.history().tables().stream()
                            .anyMatch(table -> sql.contains(table.toLowerCase(Locale.ROOT)))) {
                recorded.add(i);
            }
        }
        int markers =
                Math.toIntExact(after.history().markers() - before.history().markers());
        boolean byFlywayAlone = migrations.stream().allMatch(each -> each.tool().equals("flyway"));
        if (recorded.size() != migrations.size() + markers || markers > 0 && !byFlywayAlone) {
            return statements;
        }
        int first = markers == 0 ? 0 : recorded.get(markers - 1) + 1;
        recorded = recorded.subList(markers, recorded.size());
        List<Statement> attributed = new ArrayList<>();
        int migration = 0;
        for (int i = 0; i < statements.size(); i++) {
            attributed.add(
                    i >= first && migration < migrations.size()
                            ? statements.get(i).of(migrations.get(migration).script())
                            : statements.get(i));
            if (migration < recorded.size() && recorded.get(migration) == i) {
                migration++;
            }
        }
        return attributed;
    }
}
