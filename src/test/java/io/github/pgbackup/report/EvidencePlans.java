package io.github.pgbackup.report;

import io.github.pgbackup.plan.DatabaseAddress;
import io.github.pgbackup.plan.EvidencePlan;
import io.github.pgbackup.plan.Proof;
import io.github.pgbackup.source.Identity;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The demands of check-evidence in the tests: evidence about one database, at most a day old. */
final class EvidencePlans {

    private EvidencePlans() {}

    static EvidencePlan of(
            String database, @Nullable DatabaseAddress source, String demands, String words, Proof proof) {
        Identity identity = new Identity(
                Optional.of(database),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
        return new EvidencePlan(identity, source, Duration.ofDays(1), demands, words, proof, List.of());
    }
}
