package io.github.pgbackup.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

final class SchemaDocumentTest {

    @Test
    void the_schema_in_the_documentation_is_the_one_in_the_plugin() {
        assertThat(Path.of("docs/verification.schema.json"))
                .hasSameTextualContentAs(
                        Path.of("src/main/resources/io/github/pgbackup/report/verification.schema.json"));
    }
}
