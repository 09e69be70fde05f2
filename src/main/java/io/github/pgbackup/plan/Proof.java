package io.github.pgbackup.plan;

import io.github.pgbackup.provenance.BoundTo;
import io.github.pgbackup.signature.TrustedKey;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What makes evidence believable to somebody who did not see the run.
 *
 * @param trustedKeys one of them must have signed it; none: the signature is not looked at
 * @param requireArchive whether the archive must be there with the rest, if the run kept it
 * @param boundTo what the evidence must be bound to, as it is here; null: to nothing
 */
public record Proof(
        List<TrustedKey> trustedKeys,
        boolean requireArchive,
        @Nullable BoundTo boundTo) {

    public Proof {
        trustedKeys = List.copyOf(trustedKeys);
    }
}
