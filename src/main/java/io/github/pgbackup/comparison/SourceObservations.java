package io.github.pgbackup.comparison;

import io.github.pgbackup.plan.Comparison;
import org.jspecify.annotations.Nullable;

/**
 * The contents of a source under a snapshot, except the definitions of its objects.
 *
 * @param hash the hash function for its rows; null when they were not hashed
 * @param catalog its objects, for which an archive must have entries; null when they are not compared
 * @param tables its rows, sequences and large objects; null when they are not compared
 */
public record SourceObservations(
        @Nullable HashOnServer hash,
        @Nullable SourceCatalog catalog,
        ExtensionVersions extensions,
        ForeignReads foreignReads,
        @Nullable DatabaseObservations tables) {

    /** The observations that are compared at this level. */
    public SourceObservations upTo(Comparison comparison) {
        boolean content = comparison.includes(Comparison.CONTENT);
        DatabaseObservations rows = comparison.includes(Comparison.ROWS) ? tables : null;
        return new SourceObservations(
                content ? hash : null,
                comparison.includes(Comparison.SCHEMA) ? catalog : null,
                extensions,
                foreignReads,
                rows == null || content ? rows : rows.withoutContent());
    }
}
