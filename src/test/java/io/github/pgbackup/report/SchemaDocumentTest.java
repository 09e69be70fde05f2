package io.github.pgbackup.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SchemaDocumentTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "report/verification.schema.json",
                "report/expectation-test.schema.json",
                "report/rehearsal.schema.json",
                "description/description.schema.json",
                "manifest/manifest.schema.json"
            })
    void the_schema_in_the_documentation_is_the_one_in_the_plugin(String schema) {
        Path shipped = Path.of("src/main/resources/io/github/pgbackup").resolve(schema);
        assertThat(Path.of("docs").resolve(shipped.getFileName())).hasSameTextualContentAs(shipped);
    }
}
