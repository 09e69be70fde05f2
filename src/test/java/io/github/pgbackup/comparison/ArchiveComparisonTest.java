package io.github.pgbackup.comparison;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

final class ArchiveComparisonTest {

    private static final Pattern KIND = Pattern.compile("'([A-Z][A-Z ]*[A-Z])'");

    /** The name of a DEFAULT ACL, which pg_dump names after the kind of its objects. */
    private static final Set<String> OF_DEFAULT_PRIVILEGES =
            Set.of("FUNCTIONS", "LARGE OBJECTS", "SCHEMAS", "SEQUENCES", "TABLES", "TYPES");

    @Test
    void every_kind_of_object_that_the_catalogs_name_is_compared() throws IOException {
        Set<String> kinds = new TreeSet<>(Set.of("PUBLICATION TABLES IN SCHEMA", "SUBSCRIPTION"));
        try (InputStream file = SourceCatalog.class.getResourceAsStream("objects.sql")) {
            KIND.matcher(new String(file.readAllBytes(), StandardCharsets.UTF_8))
                    .results()
                    .forEach(kind -> kinds.add(kind.group(1)));
        }
        kinds.removeAll(OF_DEFAULT_PRIVILEGES);

        assertThat(ArchiveComparison.OBJECTS).containsExactlyInAnyOrderElementsOf(kinds);
    }
}
