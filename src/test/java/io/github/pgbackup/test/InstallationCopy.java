package io.github.pgbackup.test;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;

/**
 * PostgreSQL's own programs of one major version in another place, to which a test can add extensions. PostgreSQL looks
 * for extensions relative to the running program, even if a link leads to it.
 */
public final class InstallationCopy {

    private final Path bin;
    private final Path extensions;

    private InstallationCopy(Path bin, Path extensions) {
        this.bin = bin;
        this.extensions = extensions;
    }

    /**
     * Copies the programs and links the rest.
     *
     * @param root a directory to create; every user may then enter it and its parent
     */
    public static InstallationCopy of(Programs programs, Path root) throws IOException {
        Path bin = directory(programs, root, "--bindir");
        try (Stream<Path> files = Files.list(programs.bin())) {
            for (Path program : files.toList()) {
                Files.copy(program, bin.resolve(program.getFileName()));
            }
        }
        Path libraries = mirrored(root, answer(programs, "--pkglibdir"));
        if (Files.notExists(libraries)) {
            Files.createDirectories(libraries.getParent());
            Files.createSymbolicLink(libraries, answer(programs, "--pkglibdir"));
        }
        Path share = directory(programs, root, "--sharedir");
        link(answer(programs, "--sharedir"), share);
        Path extensions = share.resolve("extension");
        Files.delete(extensions);
        Files.createDirectory(extensions);
        link(answer(programs, "--sharedir").resolve("extension"), extensions);
        for (Path each : List.of(root, root.getParent())) {
            Files.setPosixFilePermissions(each, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        return new InstallationCopy(bin, extensions);
    }

    private static Path directory(Programs programs, Path root, String which) throws IOException {
        return Files.createDirectories(mirrored(root, answer(programs, which)));
    }

    private static Path mirrored(Path root, Path path) {
        return root.resolve(path.getRoot().relativize(path));
    }

    private static Path answer(Programs programs, String which) throws IOException {
        Process process = new ProcessBuilder(programs.bin().resolve("pg_config").toString(), which).start();
        return Path.of(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip());
    }

    private static void link(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.toList()) {
                Files.createSymbolicLink(to.resolve(file.getFileName()), file);
            }
        }
    }

    /** Adds version 1.0 of an extension with this script. */
    public InstallationCopy extension(String name, String script) throws IOException {
        Files.writeString(extensions.resolve(name + ".control"), "default_version = '1.0'\nrelocatable = false\n");
        Files.writeString(extensions.resolve(name + "--1.0.sql"), script);
        return this;
    }

    /** The directory of the programs. */
    public Path bin() {
        return bin;
    }
}
