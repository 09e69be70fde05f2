package io.github.pgbackup;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Each package has a package-info.java that says what it is for and what may not live there, and has its nulls checked.
 */
final class PackageInfoTest {

    @Test
    void every_package_says_what_it_is_for_and_has_nulls_checked() throws IOException {
        try (Stream<Path> files = Files.walk(Path.of("src/main/java"))) {
            List<Path> packages = files.filter(file -> file.toString().endsWith(".java"))
                    .map(Path::getParent)
                    .distinct()
                    .toList();

            assertThat(packages)
                    .hasSizeGreaterThan(15)
                    .allSatisfy(directory -> assertThat(text(directory.resolve("package-info.java")))
                            .startsWith("/**\n")
                            .contains("\n@NullMarked\n"));
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
