package io.github.pgbackup.test;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.opentest4j.TestAbortedException;

/**
 * PostgreSQL's own programs in one major version.
 *
 * @param major the major version
 * @param directory of the programs; null if this machine has none of this major version
 */
public record Programs(int major, @Nullable Path directory) {

    /**
     * The directory into which {@code .ci/postgresql} puts programs that are not installed, as {@code <major>/bin}. A
     * system property {@code pgbackup.test.postgresql} overrides this environment variable.
     */
    public static final String CACHE = "PGBACKUP_TEST_POSTGRESQL";

    private static final int OLDEST = 13;
    private static final int NEWEST = 19;

    private static final List<String> USUAL_PLACES = List.of(
            "/usr/lib/postgresql/*/bin",
            "/usr/pgsql-*/bin",
            "/opt/homebrew/opt/postgresql@*/bin",
            "/usr/local/opt/postgresql@*/bin",
            "/Library/PostgreSQL/*/bin");

    /**
     * The programs' directory.
     *
     * @throws TestAbortedException if this machine has none of this major version: the test is skipped
     * @throws IllegalStateException in the same case under {@code CI=true}: {@code .ci/run} provides every major
     *     version
     */
    public Path bin() {
        if (directory != null) {
            return directory;
        }
        throw missing("PostgreSQL " + major + " is not on this machine; run .ci/postgresql " + major + " and set "
                + CACHE + " to the directory that it prints.");
    }

    /** The exception to throw if a program that a test needs is missing: see {@link #bin()}. */
    static RuntimeException missing(String message) {
        return "true".equals(System.getenv("CI"))
                ? new IllegalStateException(message)
                : new TestAbortedException(message);
    }

    static boolean isOnPath(String program) {
        return Stream.of(System.getenv("PATH").split(File.pathSeparator, -1))
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
    }

    /** Whether there are also pg_dump and pg_restore; binaries from a Maven repository contain only a server. */
    public boolean hasClient() {
        return directory != null
                && Files.isExecutable(directory.resolve("pg_dump"))
                && Files.isExecutable(directory.resolve("pg_restore"));
    }

    /** The major versions whose client programs are here. */
    public static Stream<Programs> clients() {
        return majors().filter(Programs::hasClient);
    }

    /** Every supported major version, for parameterised tests; {@link #bin()} skips the test if one is missing. */
    public static Stream<Programs> majors() {
        Map<Integer, Path> found = new TreeMap<>();
        Stream.concat(installed().stream(), cached().stream())
                .forEach(programs -> found.putIfAbsent(programs.major, programs.bin()));
        return IntStream.rangeClosed(OLDEST, NEWEST).mapToObj(major -> new Programs(major, found.get(major)));
    }

    /**
     * One major of {@link #majors()}.
     *
     * @param major from 13 to 19
     */
    public static Programs ofMajor(int major) {
        return majors().filter(programs -> programs.major == major)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("PostgreSQL " + major + " is not supported."));
    }

    /**
     * The newest installed programs, or the newest in the cache. The plugin too finds installed programs if no
     * directory is configured.
     */
    public static Programs newest() {
        return Stream.of(installed(), cached())
                .flatMap(place -> place.stream().reduce((a, b) -> a.major < b.major ? b : a).stream())
                .findFirst()
                .orElseGet(() -> new Programs(NEWEST, null));
    }

    @Override
    public String toString() {
        return "PostgreSQL " + major;
    }

    private static List<Programs> installed() {
        List<Path> places = new ArrayList<>();
        USUAL_PLACES.forEach(place -> places.addAll(glob(place)));
        Stream.of(System.getenv("PATH").split(File.pathSeparator, -1))
                .filter(entry -> !entry.isEmpty())
                .map(Path::of)
                .forEach(places::add);
        return serversIn(places);
    }

    private static List<Programs> cached() {
        String cache = System.getProperty("pgbackup.test.postgresql", System.getenv(CACHE));
        return cache == null || cache.isEmpty() ? List.of() : serversIn(glob(cache + "/*/bin"));
    }

    private static List<Programs> serversIn(List<Path> places) {
        return places.stream()
                .filter(bin -> Files.isExecutable(bin.resolve("postgres")))
                .filter(bin -> Files.isExecutable(bin.resolve("initdb")))
                .map(bin -> new Programs(majorOf(bin), bin))
                .filter(programs -> programs.major >= OLDEST && programs.major <= NEWEST)
                .toList();
    }

    private static int majorOf(Path bin) {
        try {
            Process process = new ProcessBuilder(bin.resolve("postgres").toString(), "--version").start();
            String version = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            Matcher major = Pattern.compile("\\(PostgreSQL\\) (\\d+)").matcher(version);
            return major.find() ? Integer.parseInt(major.group(1)) : 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Finds the directories that match {@code place}, which contains one {@code *} in its last name but one. */
    private static List<Path> glob(String place) {
        Path pattern = Path.of(place);
        Path parent = pattern.getParent().getParent();
        if (!Files.isDirectory(parent)) {
            return List.of();
        }
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> children = Files.newDirectoryStream(
                parent, pattern.getParent().getFileName().toString())) {
            children.forEach(child -> found.add(child.resolve(pattern.getFileName())));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return found;
    }
}
