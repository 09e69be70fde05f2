package io.github.pgbackup;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each rule has one place: only one source file contains its words. */
final class OneDefinitionTest {

    @ParameterizedTest
    @CsvSource({
        "'set bytea_output', SessionSettings.java",
        "'n.nspname !~', UserSchemas.java",
        "'\"40P01\"', SqlState.java",
        "'\"P0\"', SqlState.java",
    })
    void a_rule_is_written_once(String words, String file) throws IOException {
        try (Stream<Path> files = Files.walk(Path.of("src/main/java"))) {
            List<String> found = files.filter(each -> each.toString().endsWith(".java"))
                    .filter(each -> text(each).contains(words))
                    .map(each -> each.getFileName().toString())
                    .toList();

            assertThat(found).containsExactly(file);
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
