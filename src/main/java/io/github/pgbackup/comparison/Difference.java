package io.github.pgbackup.comparison;

import org.jspecify.annotations.Nullable;

/**
 * Something that the restored database does not have as the backup or the source has it.
 *
 * @param object kind and name, for example {@code POLICY app.orders tenant_policy}
 * @param expected how the source or the archive has it
 * @param actual how the restored database has it
 * @param dumpId the archive's entry, by which an error of pg_restore can be its cause; null: none
 */
public record Difference(
        String object,
        String expected,
        String actual,
        @Nullable Integer dumpId) {}
