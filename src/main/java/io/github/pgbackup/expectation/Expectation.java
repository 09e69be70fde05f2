package io.github.pgbackup.expectation;

import io.github.pgbackup.postgres.QualifiedName;
import io.github.pgbackup.postgres.Session;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** What a user expects of the backup: one object, or one query, and one or more claims about it. */
public sealed interface Expectation permits ObjectExpectation, QueryExpectation {

    /** The tag that declares it, for example {@code table}. */
    String kind();

    /** The name as the user wrote it. */
    String name();

    /** What the evidence calls it: kind and name. */
    default String title() {
        return kind() + " " + name();
    }

    /** The table that it says something of, if it names one: that of a column or policy too. */
    Optional<QualifiedName> table();

    /** What is claimed; each claim becomes one check. */
    List<Claim> claims();

    /**
     * Asks a database, the restored one or the source under its snapshot.
     *
     * @return a figure for each claim, by its aspect
     */
    Map<String, Observation> inDatabase(Session session) throws SQLException;

    /**
     * Asks the archive. Questions about rows are only noted here; the answer must be fetched after
     * {@link ArchiveContents#readRows}.
     *
     * @return a figure for each claim, by its aspect
     */
    Supplier<Map<String, Observation>> inArchive(ArchiveContents archive);
}
