package io.github.pgbackup.manifest;

import io.github.pgbackup.expectation.Claim;
import io.github.pgbackup.expectation.Expectation;
import io.github.pgbackup.expectation.Observation;
import io.github.pgbackup.expectation.QueryExpectation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The source's observation for a claim of an expectation. For a query with an unexpected result, it omits the result,
 * which may be a value of a row that no expectation contains.
 *
 * @param kind the tag of the expectation
 * @param name the name of the object or query
 * @param sql of a query; null for an object
 * @param aspect the aspect of the claim
 * @param expected the expected value, as shown in the evidence
 */
public record Answer(
        String kind, String name, @Nullable String sql, String aspect, String expected, Observation observation) {

    private static final String ANOTHER_RESULT = "another result, or an error";

    /** The answers for all claims. */
    public static List<Answer> of(Map<Expectation, Map<String, Observation>> observations) {
        List<Answer> answers = new ArrayList<>();
        observations.forEach((expectation, ofAspects) -> expectation.claims().forEach(claim -> {
            Observation observation = ofAspects.get(claim.aspect());
            if (observation != null) {
                boolean hidden = expectation instanceof QueryExpectation && observation.fails();
                answers.add(of(
                        expectation,
                        claim,
                        hidden ? new Observation(observation.state(), ANOTHER_RESULT) : observation));
            }
        }));
        return answers;
    }

    private static Answer of(Expectation expectation, Claim claim, Observation observation) {
        return new Answer(
                expectation.kind(),
                expectation.name(),
                expectation instanceof QueryExpectation query ? query.sql() : null,
                claim.aspect(),
                claim.expected(),
                observation);
    }

    /**
     * Looks up answers for expectations: an answer applies only to exactly the same claim of the same object or query.
     */
    public static Map<Expectation, Map<String, Observation>> to(List<Expectation> expectations, List<Answer> answers) {
        Map<Answer, Observation> known = new LinkedHashMap<>();
        Observation unknown = Observation.unknown("the manifest does not contain it");
        answers.forEach(answer -> known.put(answer.with(unknown), answer.observation()));
        Map<Expectation, Map<String, Observation>> observations = new LinkedHashMap<>();
        for (Expectation expectation : expectations) {
            Map<String, Observation> ofAspects = new LinkedHashMap<>();
            for (Claim claim : expectation.claims()) {
                if (expectation instanceof QueryExpectation query && query.role() != null) {
                    ofAspects.put(claim.aspect(), Observation.unknown("asked only of the restored database"));
                    continue;
                }
                ofAspects.put(claim.aspect(), known.getOrDefault(of(expectation, claim, unknown), unknown));
            }
            observations.put(expectation, ofAspects);
        }
        return observations;
    }

    private Answer with(Observation other) {
        return new Answer(kind, name, sql, aspect, expected, other);
    }
}
