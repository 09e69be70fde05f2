package io.github.pgbackup.manifest;

import io.github.pgbackup.comparison.SourceObservations;
import io.github.pgbackup.description.DescriptionFile;
import io.github.pgbackup.plan.Comparison;
import io.github.pgbackup.restore.Role;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the source of an archive held when the archive was taken.
 *
 * @param archive the archive that it belongs to, and no other
 * @param source the server and the instant
 * @param content what is compared
 * @param definitions of the source's objects; null when they are not compared
 */
public record Manifest(
        Archive archive,
        Source source,
        Content content,
        @Nullable Definitions definitions) {

    /**
     * An archive.
     *
     * @param name of its file or directory, without a path
     * @param sha256 of the file; of a directory as in {@link io.github.pgbackup.archive.Archive}
     * @param bytes of the file, or of all members of the directory
     * @param client the program that wrote it, for example {@code pg_dump 17.5}
     */
    public record Archive(String name, String sha256, long bytes, String client) {}

    /**
     * The server, and the snapshot that the dump was taken under.
     *
     * @param serverVersion as in {@code 17.5}
     * @param role that the dump was taken by
     * @param superuser whether that role is one
     * @param systemIdentifier what initdb drew for the cluster; null when the role may not read it
     * @param snapshot its identifier
     * @param takenAt by the server's clock
     */
    public record Source(
            String database,
            String serverVersion,
            String role,
            boolean superuser,
            @Nullable String systemIdentifier,
            boolean standby,
            String snapshot,
            Instant takenAt) {}

    /**
     * What the source held.
     *
     * @param comparison how much of it can be compared
     * @param roles of the server, without passwords
     * @param answers what the source said of the expectations
     * @param doesNotContain what the archive leaves out by its nature, a sentence each
     */
    public record Content(
            Comparison comparison,
            List<Role> roles,
            SourceObservations observations,
            List<Answer> answers,
            List<String> doesNotContain) {
        public Content {
            roles = List.copyOf(roles);
            answers = List.copyOf(answers);
            doesNotContain = List.copyOf(doesNotContain);
        }
    }

    /**
     * The source's objects as its own catalogs describe them.
     *
     * @param salt of the digests of what may be secret
     * @param descriptions one, or two where it was another one after the dump
     */
    public record Definitions(String salt, List<DescriptionFile> descriptions) {
        public Definitions {
            descriptions = List.copyOf(descriptions);
        }
    }
}
