package io.github.pgbackup.expectation;

import java.util.List;
import java.util.Map;

/**
 * What the catalogs of a database say about an object.
 *
 * @param observations for the claims that the catalog can decide, by aspect
 * @param measurements what must be counted for the other claims
 */
public record CatalogAnswer(Map<String, Observation> observations, List<Measurement> measurements) {

    public CatalogAnswer {
        measurements = List.copyOf(measurements);
    }
}
