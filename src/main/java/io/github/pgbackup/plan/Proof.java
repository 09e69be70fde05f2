package io.github.pgbackup.plan;

import io.github.pgbackup.provenance.BoundTo;
import io.github.pgbackup.signature.TrustedKey;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What evidence needs so that somebody who did not see the run can trust it.
 *
 * @param trustedKeys one of them must have signed it; empty if the signature is not checked
 * @param requireArchive whether the archive must be present, if the run kept it
 * @param boundTo current commit and files that the evidence must be bound to; null for none
 */
public record Proof(
        List<TrustedKey> trustedKeys,
        boolean requireArchive,
        @Nullable BoundTo boundTo) {

    public Proof {
        trustedKeys = List.copyOf(trustedKeys);
    }
}
