package io.github.pgbackup.use;

import io.github.pgbackup.archive.Entry;
import io.github.pgbackup.archive.TableOfContents;
import io.github.pgbackup.backup.Backup;
import io.github.pgbackup.baseline.Baseline;
import io.github.pgbackup.baseline.DatabaseComparison;
import io.github.pgbackup.comparison.ArchiveComparison;
import io.github.pgbackup.comparison.DatabaseObservations;
import io.github.pgbackup.comparison.DatabaseObservations.TableObservation;
import io.github.pgbackup.comparison.RowHash;
import io.github.pgbackup.comparison.SourceCatalog;
import io.github.pgbackup.comparison.TableName;
import io.github.pgbackup.description.Finding;
import io.github.pgbackup.description.KnownDescription;
import io.github.pgbackup.engine.PostgresServer;
import io.github.pgbackup.fault.TestedFault;
import io.github.pgbackup.plan.Comparison;
import io.github.pgbackup.plan.VerificationPlan;
import io.github.pgbackup.postgres.Session;
import io.github.pgbackup.server.Target;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The restored database as it was verified, for comparison with a fault in it. A verified database equals its source,
 * so a comparison with it gives the same result as a comparison with the source.
 */
final class SoundCopy implements AutoCloseable {

    private static final String DEPENDENCIES = "pg_depend";

    private static final RowHash HASH = RowHash.HASH_TEXT_EXTENDED;

    private final Session session;
    private final VerificationPlan plan;
    private final TableOfContents contents;
    private final KnownDescription description;
    private final SourceCatalog catalog;
    private final Map<TableName, TableName> comparedBy = new HashMap<>();
    private final Set<TableName> parents;
    private final Set<TableName> hashed = new HashSet<>();
    private final Set<String> differentFromSource;
    private final Set<String> differentFromArchive;

    /** The observations. The content of a table is added when it is first needed. */
    private DatabaseObservations observations;

    /**
     * The effect of a fault.
     *
     * @param observations the observations after the fault
     * @param catalog the catalog after the fault
     * @param rendered whether the description has changed
     * @param finding the first difference that a comparison of the definitions counts; null when there is none
     * @param content the tables whose content has to be compared, because nothing else has changed
     */
    record Difference(
            DatabaseObservations observations,
            SourceCatalog catalog,
            boolean rendered,
            @Nullable String finding,
            Set<TableName> content) {}

    /**
     * The results of the comparisons; null for a comparison that was not done.
     *
     * @param inContentAlone whether only the content of rows differs
     */
    record Answers(
            TestedFault.@Nullable Answer source, TestedFault.@Nullable Answer archiveAlone, boolean inContentAlone) {}

    private SoundCopy(Session session, VerificationPlan plan, Backup backup, PostgresServer target)
            throws SQLException {
        this.session = session;
        this.plan = plan;
        this.contents = backup.archive().contents();
        session.execute("begin read only");
        DatabaseObservations.Tables tables = DatabaseObservations.Tables.of(session);
        this.observations = DatabaseObservations.of(
                session, tables, tables.ask(session, null, true), false, DatabaseObservations.sequences(session));
        this.catalog = SourceCatalog.of(session);
        this.parents = Set.copyOf(session.list("""
                select distinct n.nspname, c.relname from pg_catalog.pg_inherits i
                join pg_catalog.pg_class c on c.oid = i.inhparent
                join pg_catalog.pg_namespace n on n.oid = c.relnamespace""", row -> new TableName(row.getString(1), row.getString(2))));
        this.description = KnownDescription.of(
                session, plan.restore().withRoles(), true, new Target.Databases(target, backup.database()));
        session.execute("rollback");
        observations.leaves().forEach((name, leaves) -> leaves.forEach(leaf -> comparedBy.put(leaf, name)));
        this.differentFromSource = failingAgainstSource(observations, observations);
        this.differentFromArchive = failingAgainstArchive(contents, rowsInArchive(contents), catalog, observations);
    }

    /** Reads the restored database; the session must not be in a transaction. */
    static SoundCopy of(Session session, VerificationPlan plan, Backup backup, PostgresServer target)
            throws SQLException {
        return new SoundCopy(session, plan, backup, target);
    }

    /** Whether a query of the table may also return rows of its partitions or children. */
    boolean mayHoldRowsOfOthers(TableName table) {
        return parents.contains(table);
    }

    /** The number of rows of a table; empty when there is no such table. */
    Optional<Long> rows(TableName table) {
        return Optional.ofNullable(observations.tables().get(table)).map(TableObservation::rows);
    }

    /** Compares in the transaction that made the fault. */
    Difference compare(WrittenTables written) throws SQLException {
        Set<TableName> changed = new HashSet<>();
        written.tables().forEach(table -> changed.add(comparedBy.getOrDefault(table, table)));
        if (!written.known()) {
            changed.addAll(observations.tables().keySet());
        }
        boolean definitions = written.definitions();
        DatabaseObservations after = observations.after(session, changed, null, definitions);
        KnownDescription.Changes changes = new KnownDescription.Changes(false, null);
        if (definitions) {
            // Dependencies take longest to read, and never change alone.
            Set<String> described = new HashSet<>(written.catalogs());
            described.remove(DEPENDENCIES);
            changes = description.changes(described, this::isNotTolerated);
            if (!described.isEmpty() && changes.first() == null && differenceOfRows(after) == null) {
                // The text of a row can depend on other catalogs: only a comparison of all of them shows that nothing
                // changed.
                changes = description.changes(Set.of(), this::isNotTolerated);
            }
        }
        Set<TableName> content = Set.of();
        if (!changes.any() && hasRowsOf(after)) {
            content = changed;
            after = observations.after(session, changed, HASH, definitions);
        }
        return new Difference(
                after,
                definitions ? SourceCatalog.of(session) : catalog,
                changes.any(),
                name(changes.first()),
                content);
    }

    private static @Nullable String name(@Nullable Finding finding) {
        return finding == null ? null : finding.name();
    }

    private @Nullable String differenceOfRows(DatabaseObservations after) {
        return first(failingAgainstSource(observations.withoutContent(), after.withoutContent()), differentFromSource);
    }

    private boolean hasRowsOf(DatabaseObservations other) {
        return other.withoutContent()
                .tables()
                .equals(observations.withoutContent().tables());
    }

    private boolean isNotTolerated(Finding finding) {
        return plan.restore().toleratedDifferences().stream()
                .noneMatch(each -> each.object().equals(finding.name()));
    }

    /** Whether the fault changed anything; the session must not be in a transaction. */
    boolean isObservable(Difference difference) throws SQLException {
        readContent(difference.content());
        DatabaseObservations after = difference.observations();
        return difference.rendered()
                || !hasRowsOf(after)
                || !after.sequences().equals(observations.sequences())
                || !after.materializedViews().equals(observations.materializedViews())
                || !after.largeObjects().equals(observations.largeObjects())
                || difference.content().stream()
                        .anyMatch(table -> !Objects.equals(
                                observations.tables().get(table), after.tables().get(table)));
    }

    private void readContent(Set<TableName> tables) throws SQLException {
        Set<TableName> unread = new HashSet<>(tables);
        unread.removeAll(hashed);
        if (!unread.isEmpty()) {
            session.execute("begin read only");
            observations = observations.after(session, unread, HASH, false);
            session.execute("rollback");
            hashed.addAll(unread);
        }
    }

    /** The results that the comparisons would have had. */
    Answers answers(Difference difference) {
        if (!plan.comparison().includes(Comparison.SCHEMA)) {
            return new Answers(null, null, false);
        }
        String source = difference.finding();
        TestedFault.Answer archiveAlone = null;
        if (plan.comparison().includes(Comparison.ROWS)) {
            boolean content = plan.comparison().includes(Comparison.CONTENT);
            DatabaseObservations after = difference.observations();
            if (source == null) {
                source = content
                        ? first(failingAgainstSource(observations, after), differentFromSource)
                        : differenceOfRows(after);
            }
            archiveAlone = TestedFault.Answer.of(first(
                    failingAgainstArchive(contents, rowsInArchive(contents), difference.catalog(), after),
                    differentFromArchive));
        }
        return new Answers(
                TestedFault.Answer.of(source),
                archiveAlone,
                !difference.content().isEmpty());
    }

    /** The results of the comparisons for a database that was restored from an altered archive. */
    Answers answers(
            Session other,
            DatabaseObservations after,
            TableOfContents altered,
            @Nullable Map<Entry, Long> rowsInAltered)
            throws SQLException {
        if (!plan.comparison().includes(Comparison.SCHEMA)) {
            return new Answers(null, null, false);
        }
        String source;
        try (KnownDescription here = description.on(other)) {
            source = name(here.changes(Set.of(), this::isNotTolerated).first());
        }
        TestedFault.Answer archiveAlone = null;
        if (plan.comparison().includes(Comparison.ROWS)) {
            if (source == null) {
                source = differenceOfRows(after);
            }
            if (rowsInAltered != null) {
                archiveAlone = TestedFault.Answer.of(first(
                        failingAgainstArchive(altered, rowsInAltered, SourceCatalog.of(other), after),
                        differentFromArchive));
            }
        }
        return new Answers(TestedFault.Answer.of(source), archiveAlone, false);
    }

    private static @Nullable String first(Set<String> failing, Set<String> before) {
        return failing.stream()
                .filter(object -> !before.contains(object))
                .findFirst()
                .orElse(null);
    }

    private Set<String> failingAgainstSource(DatabaseObservations source, DatabaseObservations actual) {
        DatabaseComparison comparison = new DatabaseComparison(plan, Baseline.Kind.SNAPSHOT, contents);
        comparison.rows(source, actual);
        return comparison.failing();
    }

    private Set<String> failingAgainstArchive(
            TableOfContents archive, Map<Entry, Long> rows, SourceCatalog actual, DatabaseObservations after) {
        DatabaseComparison comparison = new DatabaseComparison(plan, Baseline.Kind.NONE, archive);
        comparison.archive(ArchiveComparison.of(archive, rows, actual, after), after, List.of());
        return comparison.failing();
    }

    /** The number of rows for each entry of an archive, taken from the verified database. */
    private Map<Entry, Long> rowsInArchive(TableOfContents archive) {
        Map<Entry, Long> rows = new HashMap<>();
        Set<TableName> counted = new HashSet<>();
        for (Entry entry : archive.entries()) {
            if (entry.isTableData()) {
                TableName leaf = new TableName(entry.schema(), entry.tag());
                TableName compared = comparedBy.getOrDefault(leaf, leaf);
                rows.put(entry, counted.add(compared) ? rows(compared).orElse(0L) : 0L);
            }
        }
        return rows;
    }

    /** The first table that has fewer rows in the other database than here. */
    Optional<TableName> firstWithFewerRows(DatabaseObservations other) {
        List<TableName> fewer = new ArrayList<>();
        observations.tables().forEach((name, observation) -> {
            TableObservation found = other.tables().get(name);
            if (found == null || found.rows() < observation.rows()) {
                fewer.add(name);
            }
        });
        return fewer.stream().findFirst();
    }

    /**
     * Whether another database has the same number of rows in the same tables, the same sequences and as many large
     * objects.
     */
    boolean hasObservationsOf(DatabaseObservations other) {
        return hasRowsOf(other)
                && other.sequences().equals(observations.sequences())
                && other.largeObjects().count() == observations.largeObjects().count();
    }

    /**
     * Whether the database still has the same description and the same rows; the session must not be in a transaction.
     * Sequences may have advanced: a trigger that fires ALWAYS can take values, which no rollback returns.
     */
    boolean isUnchanged() throws SQLException {
        session.execute("begin read write");
        DatabaseObservations counted =
                observations.after(session, observations.tables().keySet(), null, true);
        DatabaseObservations read = observations.after(session, hashed, HASH, false);
        boolean unchanged = !description.changes(Set.of(), finding -> true).any()
                && hasRowsOf(counted)
                && counted.materializedViews().equals(observations.materializedViews())
                && counted.largeObjects().equals(observations.largeObjects())
                && read.tables().equals(observations.tables());
        session.execute("rollback");
        return unchanged;
    }

    /** Releases its sessions; another database can still be compared with what was read. */
    @Override
    public void close() throws SQLException {
        description.close();
    }
}
