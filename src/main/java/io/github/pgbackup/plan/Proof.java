package io.github.pgbackup.plan;

import io.github.pgbackup.signature.TrustedKey;
import java.util.List;

/**
 * What makes evidence believable to somebody who did not see the run.
 *
 * @param trustedKeys one of them must have signed it; none: the signature is not looked at
 * @param requireArchive whether the archive must be there with the rest, if the run kept it
 */
public record Proof(List<TrustedKey> trustedKeys, boolean requireArchive) {

    public Proof {
        trustedKeys = List.copyOf(trustedKeys);
    }
}
