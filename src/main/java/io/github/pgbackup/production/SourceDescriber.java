package io.github.pgbackup.production;

import io.github.pgbackup.baseline.SourceDescription;
import io.github.pgbackup.description.Describer;
import io.github.pgbackup.description.DescriptionFile;
import io.github.pgbackup.postgres.Session;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.IntFunction;

/**
 * Describes the source from its catalogs under the snapshot before the dump, and again after the dump if the
 * description has changed: the text that PostgreSQL prints for an expression reflects the current catalogs, not the
 * snapshot, and pg_dump may have seen either text.
 */
public final class SourceDescriber {

    private final String salt = UUID.randomUUID().toString();
    private final boolean superuser;
    private final IntFunction<Path> files;
    private final DescriptionFile before;
    private final Describer describer;
    private final Map<String, String> digests;

    private SourceDescriber(Session session, boolean superuser, IntFunction<Path> files)
            throws SQLException, IOException {
        this.superuser = superuser;
        this.files = files;
        this.describer = Describer.of(session, salt);
        try {
            this.before = DescriptionFile.write(describer, files.apply(1));
            this.digests = describer.digests();
        } catch (SQLException | IOException failure) {
            delete(files);
            throw failure;
        }
    }

    /**
     * Describes the source, in the transaction of the snapshot.
     *
     * @param superuser whether a superuser takes the dump
     * @param files the files for the descriptions, until they are deleted
     */
    static SourceDescriber start(Session session, boolean superuser, IntFunction<Path> files)
            throws SQLException, IOException {
        return new SourceDescriber(session, superuser, files);
    }

    /** Describes the source again when the dump is complete. */
    public SourceDescription confirm(Session session) throws SQLException, IOException {
        Describer again = describer.on(session);
        List<DescriptionFile> descriptions = again.digests().equals(digests)
                ? List.of(before)
                : List.of(before, DescriptionFile.write(again, files.apply(2)));
        return new SourceDescription(salt, superuser, descriptions);
    }

    /** Deletes the descriptions. */
    public static void delete(IntFunction<Path> files) throws IOException {
        Files.deleteIfExists(files.apply(1));
        Files.deleteIfExists(files.apply(2));
    }
}
