package io.github.pgbackup.provenance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgbackup.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class FileSetTest {

    @TempDir
    private Path directory;

    @BeforeEach
    void files() throws IOException {
        for (String name : List.of(
                "V0.sql",
                "db/V1.sql",
                "db/more/V2.sql",
                "db/more/notes.txt",
                "target/classes/db/V1.sql",
                ".git/V9.sql")) {
            Path file = directory.resolve(name);
            Files.createDirectories(file.getParent());
            Files.writeString(file, name);
        }
    }

    private Set<String> names(String includes, String... excludes) throws IOException {
        return new FileSet(
                        directory, List.of(includes.split(",")), List.of(excludes), Set.of(directory.resolve("target")))
                .hashes()
                .keySet();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "**/*.sql | V0.sql,db/V1.sql,db/more/V2.sql",
                "*.sql | V0.sql",
                "db/*.sql | db/V1.sql",
                "db/**/*.sql | db/V1.sql,db/more/V2.sql",
                "db/ | db/V1.sql,db/more/V2.sql,db/more/notes.txt",
                "**/more/**/*.sql | db/more/V2.sql",
                "**/db/**/V?.sql | db/V1.sql,db/more/V2.sql",
                "db/V1.sql,V0.sql | V0.sql,db/V1.sql"
            })
    void patterns_are_those_of_maven(String includes, String expected) throws IOException {
        assertThat(names(includes)).containsExactlyInAnyOrder(expected.split(","));
    }

    @Test
    void excludes_omit_files() throws IOException {
        assertThat(names("db/", "**/*.txt", "db/more/")).containsExactly("db/V1.sql");
    }

    @Test
    void the_content_is_hashed() throws IOException {
        FileSet files = new FileSet(directory, List.of("db/*.sql"), List.of(), Set.of());
        assertThat(files.hashes()).containsEntry("db/V1.sql", Sha256.of("db/V1.sql"));

        Files.writeString(directory.resolve("db/V1.sql"), "x");
        assertThat(files.hashes()).containsEntry("db/V1.sql", Sha256.of("x"));
    }

    @Test
    void a_pattern_that_matches_nothing_is_an_error() {
        assertThatThrownBy(() -> names("db/,migrations/*.sql"))
                .hasMessage("has 'migrations/*.sql', which matches no file below " + directory);
        assertThatThrownBy(() -> names("db/V1.sql", "db/"))
                .hasMessage("has 'db/V1.sql', which matches no file below " + directory);
        assertThatThrownBy(() -> names("db/[")).isInstanceOf(IllegalArgumentException.class);
    }
}
