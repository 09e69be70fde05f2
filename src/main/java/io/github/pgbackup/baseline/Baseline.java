package io.github.pgbackup.baseline;

import io.github.pgbackup.comparison.ArchiveComparison;
import io.github.pgbackup.comparison.CatalogComparison;
import io.github.pgbackup.comparison.DatabaseObservations;
import io.github.pgbackup.comparison.ForeignReads;
import io.github.pgbackup.comparison.HashOnServer;
import io.github.pgbackup.comparison.RowHash;
import io.github.pgbackup.comparison.SourceCatalog;
import io.github.pgbackup.comparison.SourceObservations;
import io.github.pgbackup.expectation.Expectation;
import io.github.pgbackup.expectation.Observation;
import io.github.pgbackup.plan.AllowedLoss;
import io.github.pgbackup.postgres.PostgresVersion;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** What a backup should contain, according to sources other than the backup itself. */
public sealed interface Baseline {

    /** The kind of reference for the comparison, by its name in the evidence. */
    enum Kind {
        /** The source, under the snapshot of the dump. */
        SNAPSHOT,
        /** The same, from the manifest that was written with the archive. */
        MANIFEST,
        /** The source as it is now, possibly long after the archive was taken. */
        LIVE,
        /** Only the archive itself. */
        NONE;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Definitions of the source's objects; empty when they are not compared. */
    Optional<SourceDescription> definitions();

    /**
     * The hash function of the source's rows, to hash the restored rows in the same way; empty when they were not
     * hashed.
     */
    Optional<RowHash> hash();

    /** What the source says about the expectations; empty when it was not queried. */
    Map<Expectation, Map<String, Observation>> expectations();

    /** Whether the rows in the archive have to be counted, because nothing else records their number. */
    boolean asksForRowsInArchive();

    /** Records the differences of the restored database that another restore could avoid. */
    void compare(DatabaseComparison comparison, Restored restored) throws SQLException;

    /** Records the differences that no restore causes: objects that the archive lacks, versions of extensions. */
    void compareArchive(DatabaseComparison comparison, Restored restored) throws SQLException;

    /** The kind of this baseline. */
    Kind kind();

    /** The source at the instant of the dump, so that every difference counts. */
    sealed interface Exact extends Baseline {

        /** What the source contained at that instant. */
        SourceObservations observations();

        @Override
        default Optional<RowHash> hash() {
            return Optional.ofNullable(observations().hash()).map(HashOnServer::function);
        }

        @Override
        default boolean asksForRowsInArchive() {
            return false;
        }

        @Override
        default void compare(DatabaseComparison comparison, Restored restored) throws SQLException {
            DatabaseObservations source = observations().tables();
            DatabaseObservations tables = restored.tables();
            comparison.otherServers(
                    observations().foreignReads(), restored.result().errors());
            if (tables != null && source != null) {
                comparison.rows(source, tables);
            }
        }

        @Override
        default void compareArchive(DatabaseComparison comparison, Restored restored) throws SQLException {
            SourceCatalog catalog = observations().catalog();
            if (catalog != null) {
                if (restored.contents().isOfAPlainDump()) {
                    comparison.note(
                            "A plain dump does not say which of the source's objects it holds, because it has no OIDs; the"
                                    + " restored database was compared with all of them.");
                } else {
                    comparison.source(CatalogComparison.of(catalog, restored.contents()));
                }
                int major = PostgresVersion.parse(restored.contents().serverVersion())
                        .major();
                comparison.extensions(
                        observations().extensions(),
                        SourceCatalog.extensionVersions(restored.session()),
                        restored.version().major() != major);
            }
        }
    }

    /**
     * The source under the snapshot of the dump.
     *
     * @param definitions of its objects; empty when they are not compared
     */
    record Snapshot(
            SourceObservations observations,
            Optional<SourceDescription> definitions,
            Map<Expectation, Map<String, Observation>> expectations)
            implements Exact {

        @Override
        public Kind kind() {
            return Kind.SNAPSHOT;
        }
    }

    /**
     * The source under the snapshot of the dump, according to the archive's manifest.
     *
     * @param definitions of its objects; empty when they are not compared
     */
    record Manifest(
            SourceObservations observations,
            Optional<SourceDescription> definitions,
            Map<Expectation, Map<String, Observation>> expectations)
            implements Exact {

        @Override
        public Kind kind() {
            return Kind.MANIFEST;
        }
    }

    /** No baseline: the archive is only compared with the restored database. */
    record None() implements Baseline {

        @Override
        public Optional<SourceDescription> definitions() {
            return Optional.empty();
        }

        @Override
        public Optional<RowHash> hash() {
            return Optional.empty();
        }

        @Override
        public Map<Expectation, Map<String, Observation>> expectations() {
            return Map.of();
        }

        @Override
        public boolean asksForRowsInArchive() {
            return true;
        }

        @Override
        public void compare(DatabaseComparison comparison, Restored restored) throws SQLException {
            comparison.otherServers(
                    ForeignReads.of(restored.session()), restored.result().errors());
            DatabaseObservations tables = Objects.requireNonNull(restored.tables());
            comparison.archive(
                    ArchiveComparison.of(
                            restored.contents(),
                            restored.rowsInArchive(),
                            SourceCatalog.of(restored.session()),
                            tables),
                    tables,
                    restored.result().errors());
        }

        @Override
        public void compareArchive(DatabaseComparison comparison, Restored restored) {
            // There is nothing to compare the archive with.
        }

        @Override
        public Kind kind() {
            return Kind.NONE;
        }
    }

    /**
     * The live source, in addition to the archive's own baseline: its manifest or nothing.
     *
     * @param archived the archive's own baseline
     * @param source its tables and their rows
     * @param loss how many of these rows the archive may lack
     */
    record Live(Baseline archived, LiveRows source, AllowedLoss loss) implements Baseline {

        @Override
        public Optional<SourceDescription> definitions() {
            return archived.definitions();
        }

        @Override
        public Optional<RowHash> hash() {
            return archived.hash();
        }

        @Override
        public Map<Expectation, Map<String, Observation>> expectations() {
            return archived.expectations();
        }

        @Override
        public boolean asksForRowsInArchive() {
            return archived.asksForRowsInArchive();
        }

        @Override
        public void compare(DatabaseComparison comparison, Restored restored) throws SQLException {
            archived.compare(comparison, restored);
        }

        /** The archive's own baseline already finds what a restore has lost. */
        @Override
        public void compareArchive(DatabaseComparison comparison, Restored restored) throws SQLException {
            archived.compareArchive(comparison, restored);
            comparison.losses(source, Objects.requireNonNull(restored.tables()), loss);
        }

        /** The stronger of the two. */
        @Override
        public Kind kind() {
            return archived.kind() == Kind.NONE ? Kind.LIVE : archived.kind();
        }
    }
}
