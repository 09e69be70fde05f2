package io.github.pgbackup.verification;

import io.github.pgbackup.expectation.Expectation;
import io.github.pgbackup.expectation.Figure;
import io.github.pgbackup.ledger.ArchiveComparison;
import io.github.pgbackup.ledger.CatalogComparison;
import io.github.pgbackup.ledger.DatabaseFigures;
import io.github.pgbackup.ledger.ForeignReads;
import io.github.pgbackup.ledger.RowHash;
import io.github.pgbackup.ledger.SourceCatalog;
import io.github.pgbackup.postgres.PostgresVersion;
import io.github.pgbackup.verification.Production.SourceFigures;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** What a backup should hold, besides what it says of itself. */
sealed interface Baseline {

    /** What was there to compare with, by the name that the evidence has for it. */
    enum Kind {
        /** The source, under the snapshot of the dump. */
        SNAPSHOT,
        /** Nothing but the archive itself. */
        NONE;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Definitions of the source's objects; empty when they are not compared. */
    Optional<SourceDescription> definitions();

    /** How the source's rows were hashed, so that the restored ones are hashed alike; empty when they were not. */
    Optional<RowHash> hash();

    /** What the source says of the expectations; empty when it was not asked. */
    Map<Expectation, Map<String, Figure>> expectations();

    /** Whether the rows in the archive have to be counted, since nothing else says how many there should be. */
    boolean asksForRowsInArchive();

    /** Notes in the ledger how the restored database differs, by what another restore could make better. */
    void compare(Ledger ledger, Restored restored) throws SQLException;

    /** Notes in the ledger what no restore has a part in: objects that the archive lacks, versions of extensions. */
    void compareArchive(Ledger ledger, Restored restored) throws SQLException;

    /** What was there to compare with. */
    Kind kind();

    /**
     * The source under the snapshot of the dump.
     *
     * @param definitions of its objects; empty when they are not compared
     */
    record Snapshot(SourceFigures figures, Optional<SourceDescription> definitions) implements Baseline {

        @Override
        public Optional<RowHash> hash() {
            return Optional.ofNullable(figures.hash());
        }

        @Override
        public Map<Expectation, Map<String, Figure>> expectations() {
            return figures.expectations();
        }

        @Override
        public boolean asksForRowsInArchive() {
            return false;
        }

        @Override
        public void compare(Ledger ledger, Restored restored) throws SQLException {
            DatabaseFigures tables = restored.tables();
            ledger.otherServers(figures.foreignReads(), restored.result().errors());
            if (tables != null && figures.tables() != null) {
                ledger.rows(figures.tables(), tables);
            }
        }

        @Override
        public Kind kind() {
            return Kind.SNAPSHOT;
        }

        @Override
        public void compareArchive(Ledger ledger, Restored restored) throws SQLException {
            if (figures.catalog() != null) {
                ledger.source(CatalogComparison.of(figures.catalog(), restored.contents()));
                int major = PostgresVersion.parse(restored.contents().serverVersion())
                        .major();
                ledger.extensions(
                        figures.extensions(),
                        figures.defaultExtensions(),
                        SourceCatalog.extensionVersions(restored.session()),
                        restored.version().major() != major);
            }
        }
    }

    /** Nothing: the archive itself is all there is. */
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
        public Map<Expectation, Map<String, Figure>> expectations() {
            return Map.of();
        }

        @Override
        public boolean asksForRowsInArchive() {
            return true;
        }

        @Override
        public void compare(Ledger ledger, Restored restored) throws SQLException {
            ledger.otherServers(
                    ForeignReads.of(restored.session()), restored.result().errors());
            DatabaseFigures tables = Objects.requireNonNull(restored.tables());
            ledger.archive(
                    ArchiveComparison.of(
                            restored.contents(),
                            restored.rowsInArchive(),
                            SourceCatalog.of(restored.session()),
                            tables),
                    tables,
                    restored.result().errors());
        }

        @Override
        public void compareArchive(Ledger ledger, Restored restored) {
            // There is nothing to compare it with.
        }

        @Override
        public Kind kind() {
            return Kind.NONE;
        }
    }
}
