package io.github.pgbackup.comparison;

import org.jspecify.annotations.Nullable;

/**
 * A difference between the restored database and the backup or the source.
 *
 * @param object kind and name, for example {@code POLICY app.orders tenant_policy}
 * @param expected the state in the source or the archive
 * @param actual the state in the restored database
 * @param dumpId the archive's entry, to which an error of pg_restore may refer; null if there is none
 */
public record Difference(
        String object,
        String expected,
        String actual,
        @Nullable Integer dumpId) {}
