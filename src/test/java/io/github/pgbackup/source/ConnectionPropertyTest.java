package io.github.pgbackup.source;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.postgresql.PGProperty;

final class ConnectionPropertyTest {

    @Test
    void every_property_of_the_driver_is_classified() {
        assertThat(ConnectionProperty.ALL).containsOnlyKeys(PGProperty.values());
    }
}
