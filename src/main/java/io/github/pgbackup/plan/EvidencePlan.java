package io.github.pgbackup.plan;

import io.github.pgbackup.source.Identity;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the evidence of an earlier run must say to be accepted.
 *
 * @param identity the database that it must be about
 * @param source where the database is that it must be about; null: in whatever place
 * @param maximumAge how long ago that run may have begun
 * @param demandsSha256 what it must have demanded, {@link Demands#sha256()}
 * @param demands the same in words
 * @param proof by what it must be vouched for
 * @param warnings what the user may not have meant: properties that a tag overrules
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
