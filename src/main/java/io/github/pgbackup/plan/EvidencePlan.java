package io.github.pgbackup.plan;

import io.github.pgbackup.source.Identity;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The requirements for evidence of an earlier run to be accepted.
 *
 * @param identity the database that the evidence must be about
 * @param source the location of that database; null for any
 * @param maximumAge how long ago the run may have begun
 * @param demandsSha256 the {@link Demands#sha256()} that the run must have had
 * @param demands the same in words
 * @param proof how the evidence must be authenticated
 * @param warnings about what the user may not have intended, such as properties that a tag overrides
 */
public record EvidencePlan(
        Identity identity,
        @Nullable DatabaseAddress source,
        Duration maximumAge,
        String demandsSha256,
        String demands,
        Proof proof,
        List<String> warnings) {

    public EvidencePlan {
        warnings = List.copyOf(warnings);
    }
}
