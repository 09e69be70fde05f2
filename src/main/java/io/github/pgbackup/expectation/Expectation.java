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

    /** Its title in the evidence: kind and name. */
    default String title() {
        return kind() + " " + name();
    }

    /** The table that it is about, if it names one; also for a column or a policy. */
    Optional<QualifiedName> table();

    /** The claims; each becomes one check. */
    List<Claim> claims();

    /**
     * Evaluates the expectation in a database: the restored one, or the source under its snapshot.
     *
     * @return an observation for each claim, by aspect
     */
    Map<String, Observation> inDatabase(Session session) throws SQLException;

    /**
     * Evaluates the expectation in the archive. Questions about rows are only collected; call the supplier after
     * {@link ArchiveContents#readRows}.
     *
     * @return an observation for each claim, by aspect
     */
    Supplier<Map<String, Observation>> inArchive(ArchiveContents archive);
}
