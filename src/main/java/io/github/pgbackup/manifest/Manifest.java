package io.github.pgbackup.manifest;

import io.github.pgbackup.comparison.SourceObservations;
import io.github.pgbackup.description.DescriptionFile;
import io.github.pgbackup.plan.Comparison;
import io.github.pgbackup.restore.Role;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The contents of an archive's source when the archive was taken.
 *
 * @param archive the only archive that it belongs to
 * @param source the server and the instant
 * @param content the contents to compare
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
     * @param name the name of its file or directory, without a path
     * @param sha256 the file's hash; for a directory as in {@link io.github.pgbackup.archive.Archive}
     * @param bytes size of the file, or of all members of the directory
     * @param client the program that wrote it, for example {@code pg_dump 17.5}
     */
    public record Archive(String name, String sha256, long bytes, String client) {}

    /**
     * The server, and the snapshot of the dump.
     *
     * @param serverVersion for example {@code 17.5}
     * @param role the role that took the dump
     * @param superuser whether that role is a superuser
     * @param systemIdentifier the cluster's random identifier from initdb; null when the role may not read it
     * @param snapshot its identifier
     * @param takenAt according to the server's clock
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
     * The contents of the source.
     *
     * @param comparison how much can be compared
     * @param roles of the server, without passwords
     * @param answers the source's observations for the expectations
     * @param doesNotContain what the archive can never contain, one sentence each
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
     * The source's objects, described by its own catalogs.
     *
     * @param salt of the digests of values that may be secret
     * @param descriptions one, or two if it had changed after the dump
     */
    public record Definitions(String salt, List<DescriptionFile> descriptions) {
        public Definitions {
            descriptions = List.copyOf(descriptions);
        }
    }
}
