package io.github.pgbackup.check;

import io.github.pgbackup.evidence.Check;
import io.github.pgbackup.expectation.Claim;
import io.github.pgbackup.expectation.Expectation;
import io.github.pgbackup.expectation.Mistakes;
import io.github.pgbackup.expectation.Observation;
import io.github.pgbackup.postgres.Session;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What archive, restored database and source say about the expectations, by claim.
 *
 * @param source empty when it was not queried
 */
record ExpectationChecks(
        Map<Expectation, Map<String, Observation>> archive,
        Map<Expectation, Map<String, Observation>> restored,
        Map<Expectation, Map<String, Observation>> source) {

    /**
     * A check for each claim of the expectations.
     *
     * @param session on the restored database, to find what exists instead of what an expectation names
     */
    List<Check> of(List<Expectation> expectations, Session session) throws SQLException {
        Mistakes mistakes = new Mistakes(session);
        List<Check> checks = new ArrayList<>();
        for (Expectation expectation : expectations) {
            for (Claim claim : expectation.claims()) {
                Check.Observations observations = new Check.Observations(
                        observation(archive, expectation, claim),
                        observation(restored, expectation, claim),
                        observation(source, expectation, claim));
                Optional<String> hint = observations.sourceContradicts()
                        ? Optional.of(mistakes.hint(expectation, claim))
                        : Optional.empty();
                checks.add(Check.of(expectation, claim, observations, hint));
            }
        }
        return checks;
    }

    private static Observation observation(
            Map<Expectation, Map<String, Observation>> side, Expectation expectation, Claim claim) {
        return side.getOrDefault(expectation, Map.of()).getOrDefault(claim.aspect(), Observation.unknown("not asked"));
    }
}
