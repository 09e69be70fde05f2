package io.github.pgbackup.test;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The extensions of an installation, which come in separate packages. */
public final class Extensions {

    private Extensions() {}

    /**
     * Skips the test if an extension is missing; fails it under {@code CI=true}, because {@code .ci/run} installs them.
     */
    public static void require(Programs programs, String... names) {
        Path bin = programs.bin();
        // Debian keeps them in /usr/share, other packages below their own prefix.
        List<Path> places = List.of(
                Path.of("/usr/share/postgresql/" + programs.major() + "/extension"),
                bin.resolveSibling("share/extension"),
                bin.resolveSibling("share/postgresql/extension"));
        List<String> missing = Stream.of(names)
                .filter(name -> places.stream().noneMatch(place -> Files.exists(place.resolve(name + ".control"))))
                .toList();
        if (!missing.isEmpty()) {
            throw Programs.missing(programs + " lacks the extensions " + missing + "; Debian has a package for each.");
        }
    }
}
