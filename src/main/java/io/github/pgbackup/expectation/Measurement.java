package io.github.pgbackup.expectation;

import io.github.pgbackup.postgres.Session;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What must be counted in a relation for a claim. Several measurements are combined in one statement, which reads each
 * relation once.
 *
 * @param aspect the aspect of the claim
 * @param relation the relation, quoted for SQL
 * @param pages its number of pages at the last ANALYZE; 0 if there was none
 * @param expressions expressions for numbers, in a query that aggregates the relation to one row
 * @param parameters parameters of the expressions, in order
 * @param observation derives the observation from the numbers
 */
public record Measurement(
        String aspect,
        String relation,
        long pages,
        List<String> expressions,
        List<String> parameters,
        Function<List<Long>, Observation> observation) {

    public Measurement {
        expressions = List.copyOf(expressions);
        parameters = List.copyOf(parameters);
    }

    /**
     * Takes measurements in one statement.
     *
     * @return the observations, in order
     */
    public static List<Observation> take(Session session, List<Measurement> measurements) throws SQLException {
        if (measurements.isEmpty()) {
            return List.of();
        }
        Map<String, List<Measurement>> byRelation = measurements.stream()
                .collect(Collectors.groupingBy(Measurement::relation, LinkedHashMap::new, Collectors.toList()));
        List<String> queries = new ArrayList<>();
        List<Object> parameters = new ArrayList<>();
        byRelation.forEach((relation, all) -> {
            queries.add(all.stream()
                    .flatMap(each -> each.expressions().stream())
                    .collect(Collectors.joining(
                            ", ", "select " + queries.size() + ", array[", "]::bigint[] from " + relation)));
            all.forEach(each -> parameters.addAll(each.parameters()));
        });
        Map<Integer, List<Long>> numbers = new LinkedHashMap<>();
        session.list(
                String.join(" union all ", queries),
                row -> numbers.put(
                        row.getInt(1), List.of((Long[]) row.getArray(2).getArray())),
                parameters.toArray());
        Map<Measurement, Observation> observations = new LinkedHashMap<>();
        int query = 0;
        for (List<Measurement> all : byRelation.values()) {
            List<Long> row = numbers.getOrDefault(query++, List.of());
            int at = 0;
            for (Measurement each : all) {
                observations.put(
                        each,
                        each.observation()
                                .apply(row.subList(at, at + each.expressions().size())));
                at += each.expressions().size();
            }
        }
        return measurements.stream().map(observations::get).toList();
    }
}
