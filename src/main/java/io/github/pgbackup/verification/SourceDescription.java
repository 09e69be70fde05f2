package io.github.pgbackup.verification;

import io.github.pgbackup.description.Describer;
import io.github.pgbackup.description.DescriptionFile;
import io.github.pgbackup.description.DescriptionFindings;
import io.github.pgbackup.description.Finding;
import io.github.pgbackup.postgres.Session;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The source as its own catalogs describe it under the snapshot, before the dump, and once more after it where that is not
 * the same: what PostgreSQL prints of an expression is of the moment, and may be of either for pg_dump too.
 */
final class SourceDescription {

    private final String salt = UUID.randomUUID().toString();
    private final boolean superuser;
    private final IntFunction<Path> files;
    private final DescriptionFile before;
    private final Describer describer;
    private final Map<String, String> digests;
    private @Nullable DescriptionFile after;

    private SourceDescription(Session session, boolean superuser, IntFunction<Path> files)
            throws SQLException, IOException {
        this.superuser = superuser;
        this.files = files;
        this.describer = Describer.of(session, salt);
        try {
            this.before = DescriptionFile.write(describer, files.apply(1));
            this.digests = describer.digests();
        } catch (SQLException | IOException failure) {
            delete();
            throw failure;
        }
    }

    /**
     * Describes the source, in the transaction of the snapshot.
     *
     * @param superuser whether the dump is taken by one
     * @param files where the descriptions are kept until {@link #delete}
     */
    static SourceDescription of(Session session, boolean superuser, IntFunction<Path> files)
            throws SQLException, IOException {
        return new SourceDescription(session, superuser, files);
    }

    /** Asks again when the dump is complete. */
    void confirm(Session session) throws SQLException, IOException {
        Describer again = describer.on(session);
        if (!again.digests().equals(digests)) {
            after = DescriptionFile.write(again, files.apply(2));
        }
    }

    /**
     * Compares the restored database with it. Where it was made twice, a difference is one only if it is one from both.
     *
     * @param restored in a transaction that reads
     */
    DescriptionFindings compare(Session restored, boolean withRoles, DescriptionFindings.Servers servers)
            throws SQLException, IOException {
        DescriptionFindings findings = DescriptionFindings.of(before, restored, salt, withRoles, superuser, servers);
        DescriptionFile again = after;
        if (again == null || findings.differences().isEmpty()) {
            return findings;
        }
        Set<String> others =
                DescriptionFindings.of(again, restored, salt, withRoles, superuser, servers).differences().stream()
                        .map(Finding::name)
                        .collect(Collectors.toSet());
        List<Finding> both = findings.differences().stream()
                .filter(finding -> others.contains(finding.name()))
                .toList();
        return new DescriptionFindings(both, findings.excused(), findings.compared(), findings.rules());
    }

    void delete() throws IOException {
        Files.deleteIfExists(files.apply(1));
        Files.deleteIfExists(files.apply(2));
    }
}
