package io.github.pgbackup.comparison;

import io.github.pgbackup.postgres.QualifiedName;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An extension's version in the source and in the restored database. An archive does not contain it: a restore creates
 * the default version of the packages on its server.
 *
 * @param sourceDefault the default of the source's own packages; null when they no longer have the extension
 * @param newerMajor whether the restored database has a newer major version than the source
 */
public record ExtensionVersion(
        String name, String source, @Nullable String sourceDefault, String restored, boolean newerMajor) {

    /**
     * Explains a different version that is harmless: it comes with the newer major version, or it is the default of the
     * source's own packages, as after pg_upgrade, which does not update extensions. A restore in production would have
     * the same result.
     *
     * @return empty when the versions are equal, and when they are a real difference
     */
    public Optional<String> note() {
        if (source.equals(restored)) {
            return Optional.empty();
        }
        if (newerMajor) {
            return Optional.of(object() + ": version " + source + " in the source, " + restored
                    + " in the restored database, which has a newer major version");
        }
        return restored.equals(sourceDefault)
                ? Optional.of(object() + ": version " + source + " in the source, " + restored
                        + " in the restored database, which is also the default of the source's packages; run ALTER"
                        + " EXTENSION " + QualifiedName.quote(name) + " UPDATE in the source")
                : Optional.empty();
    }

    /**
     * The difference, if it is a real one.
     *
     * @param dumpId of the extension's entry in the archive
     * @return empty when the versions are equal, or when {@link #note} explains the difference
     */
    public Optional<Difference> difference(@Nullable Integer dumpId) {
        return source.equals(restored) || note().isPresent()
                ? Optional.empty()
                : Optional.of(new Difference(
                        object() + " version",
                        source,
                        restored
                                + ", the default of the throw-away server's packages; install the source's packages there",
                        dumpId));
    }

    private String object() {
        return "EXTENSION " + name;
    }
}
