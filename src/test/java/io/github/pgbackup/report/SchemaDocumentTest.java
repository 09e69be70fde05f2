package io.github.pgbackup.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code -Dpgbackup.docs} copies the schemas. */
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
    void the_schema_in_the_documentation_is_the_one_in_the_plugin(String schema) throws IOException {
        Path shipped = Path.of("src/main/resources/io/github/pgbackup").resolve(schema);
        Path document = Path.of("docs").resolve(shipped.getFileName());
        if (Boolean.getBoolean("pgbackup.docs")) {
            Files.copy(shipped, document, StandardCopyOption.REPLACE_EXISTING);
        }
        assertThat(document).hasSameTextualContentAs(shipped);
    }
}
