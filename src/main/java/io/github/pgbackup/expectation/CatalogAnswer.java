package io.github.pgbackup.expectation;

import java.util.List;
import java.util.Map;

/**
 * What a database's catalog says of an object.
 *
 * @param observations of the claims that it answers, by their aspect
 * @param measurements what has to be counted for the others
 */
public record CatalogAnswer(Map<String, Observation> observations, List<Measurement> measurements) {

    public CatalogAnswer {
        measurements = List.copyOf(measurements);
    }
}
