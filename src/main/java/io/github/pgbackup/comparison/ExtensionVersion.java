package io.github.pgbackup.comparison;

import io.github.pgbackup.postgres.QualifiedName;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An extension's version in the source and in the restored database. An archive does not hold it: a restore makes the
 * version that is the default of the packages there.
 *
 * @param sourceDefault the default of the source's own packages; null when they have no such extension any more
 * @param newerMajor whether the restored database has a newer major version than the source
 */
public record ExtensionVersion(
        String name, String source, @Nullable String sourceDefault, String restored, boolean newerMajor) {

    /**
     * Says of another version that it means nothing: it comes with the newer major, or the source's own packages have the
     * restored one as their default, as after pg_upgrade, which leaves extensions as they are. A restore of this backup in
     * production would make the same.
     *
     * @return empty when the versions are equal, and when they are a difference
     */
    public Optional<String> note() {
        if (source.equals(restored)) {
            return Optional.empty();
        }
        if (newerMajor) {
            return Optional.of(object() + ": version " + source + " in the source, " + restored
                    + " in the newer major of the restored database");
        }
        return restored.equals(sourceDefault)
                ? Optional.of(object() + ": version " + source + " in the source, " + restored
                        + " in the restored database, which is the default of the source's packages too; run ALTER"
                        + " EXTENSION " + QualifiedName.quote(name) + " UPDATE in the source")
                : Optional.empty();
    }

    /**
     * The difference.
     *
     * @param dumpId of the extension's entry in the archive
     * @return empty when the versions are equal or {@link #note} says why they are not
     */
    public Optional<Difference> difference(@Nullable Integer dumpId) {
        return source.equals(restored) || note().isPresent()
                ? Optional.empty()
                : Optional.of(new Difference(
                        object() + " version",
                        source,
                        restored + ", the default of the throw-away server's packages; give it those of the source",
                        dumpId));
    }

    private String object() {
        return "EXTENSION " + name;
    }
}
