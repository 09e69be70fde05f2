package io.github.pgbackup.postgres;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.Console;
import io.github.pgbackup.Remedy;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The installations of PostgreSQL on this machine, in order of preference. */
public final class Installations {

    /** The directories that packages install to; an asterisk stands for a version. */
    private static final List<String> USUAL_PLACES = List.of(
            "/usr/lib/postgresql/*/bin", // Debian, Ubuntu
            "/usr/pgsql-*/bin", // PGDG's packages for Fedora, RHEL, SUSE
            "/opt/homebrew/opt/postgresql@*/bin", // Homebrew on Apple silicon
            "/opt/homebrew/opt/libpq/bin",
            "/usr/local/opt/postgresql@*/bin", // Homebrew on Intel
            "/usr/local/opt/libpq/bin",
            "/Library/PostgreSQL/*/bin", // EDB's installer on macOS
            "/opt/PostgreSQL/*/bin", // EDB's installer on Linux
            "C:/Program Files/PostgreSQL/*/bin"); // EDB's installer on Windows

    private final List<Installation> configured;
    private final List<Installation> all;

    Installations(List<Installation> configured, List<Installation> found) {
        this.configured = List.copyOf(configured);
        this.all = Stream.concat(configured.stream(), found.stream()).toList();
    }

    /**
     * Searches the configured directories, then PATH, then the usual directories of the operating systems' packages.
     *
     * @param configured directories with PostgreSQL programs
     * @param environment the environment, for its PATH
     * @throws CannotVerifyException if a configured directory has no PostgreSQL programs that run
     */
    public static Installations find(List<Path> configured, Map<String, String> environment, Console console)
            throws InterruptedException {
        Set<Path> seen = new HashSet<>();
        List<Installation> fromConfiguration = new ArrayList<>();
        for (Path bin : configured) {
            try {
                inspect(bin, seen).ifPresent(fromConfiguration::add);
            } catch (IOException e) {
                throw new CannotVerifyException(
                        "Found no working PostgreSQL programs in " + bin + ": " + e.getMessage() + ".",
                        Remedy.NAME_THE_DIRECTORY_OF_THE_PROGRAMS,
                        e);
            }
        }
        List<Path> places = new ArrayList<>(path(environment));
        for (String place : USUAL_PLACES) {
            places.addAll(expand(place));
        }
        List<Installation> found = new ArrayList<>();
        for (Path bin : places) {
            try {
                inspect(bin, seen).ifPresent(found::add);
            } catch (IOException e) {
                console.debug("No PostgreSQL in " + bin + ": " + e.getMessage() + ".");
            }
        }
        Installations installations = new Installations(fromConfiguration, found);
        installations.all.forEach(installation -> console.debug("Found PostgreSQL " + installation + "."));
        return installations;
    }

    /** Every installation, in order of preference. */
    public List<Installation> all() {
        return all;
    }

    /**
     * The client for dump and restore: one of the server's major version, else the nearest newer one, because a client
     * refuses a newer server. Among equally suitable ones, configured directories come first. The same major always
     * comes first: when a newer pg_dump dumps an older server, it writes options that only its own major knows to omit,
     * such as {@code pg_attver} of 15.20, and then no server accepts the table.
     *
     * @return empty if there is no client, or only older ones
     */
    public Optional<Installation> client(PostgresVersion server) {
        return all.stream()
                .filter(Installation::hasClient)
                .filter(candidate -> candidate.version().major() == server.major())
                .findFirst()
                .or(() -> nearestClient(configured, server))
                .or(() -> nearestClient(all, server));
    }

    /**
     * Like {@link #client}.
     *
     * @throws CannotVerifyException if there is no client, or only older ones
     */
    public Installation requireClient(PostgresVersion server) {
        return client(server).orElseThrow(() -> {
            String found = all.stream()
                    .filter(Installation::hasClient)
                    .map(each -> each.version() + " in " + each.bin())
                    .collect(Collectors.joining(", "));
            return new CannotVerifyException(
                    "Found no pg_dump for PostgreSQL " + server + ": version " + server.major()
                            + " or newer is needed, found " + (found.isEmpty() ? "none" : found) + ".",
                    Remedy.installTheClientOf(server.major()));
        });
    }

    private static Optional<Installation> nearestClient(List<Installation> candidates, PostgresVersion server) {
        return candidates.stream()
                .filter(Installation::hasClient)
                .filter(candidate -> candidate.version().major() >= server.major())
                .min(Comparator.comparingInt(candidate -> candidate.version().major()));
    }

    /** The programs of a server of this major version. */
    public Optional<Installation> server(int major) {
        return all.stream()
                .filter(Installation::hasServer)
                .filter(candidate -> candidate.version().major() == major)
                .findFirst();
    }

    /** The installations, for a message: {@code 15.18 in /usr/lib/postgresql/15/bin (client and server)}, or "none". */
    @Override
    public String toString() {
        return all.isEmpty() ? "none" : all.stream().map(Installation::toString).collect(Collectors.joining(", "));
    }

    /** The installation in a directory; empty if the directory has been inspected before. */
    private static Optional<Installation> inspect(Path directory, Set<Path> seen)
            throws IOException, InterruptedException {
        if (!Files.isDirectory(directory)) {
            throw new IOException("the directory does not exist");
        }
        Path bin = directory.toRealPath();
        if (!seen.add(bin)) {
            return Optional.empty();
        }
        Installation unknown = new Installation(directory.toAbsolutePath(), PostgresVersion.ofNumber(1));
        if (!unknown.hasClient() && !unknown.hasServer()) {
            throw new IOException("it contains neither pg_dump and pg_restore nor initdb and postgres");
        }
        Path program = unknown.program(unknown.hasClient() ? "pg_dump" : "postgres");
        Path real = program.toRealPath();
        if (real.endsWith("pg_wrapper")) {
            // Debian's /usr/bin: a script that selects a version from the environment and ~/.postgresqlrc.
            throw new IOException("its pg_dump is Debian's pg_wrapper, which selects a version by itself");
        }
        Path home = real.getParent();
        if (home != null && !home.equals(bin) && real.endsWith(program.getFileName())) {
            return inspect(home, seen); // a directory of links, such as /usr/local/bin: the programs are elsewhere
        }
        return Optional.of(new Installation(unknown.bin(), version(program)));
    }

    private static PostgresVersion version(Path program) throws IOException, InterruptedException {
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        List<String> errors = new ArrayList<>();
        int status = Command.of(program)
                .arguments("--version")
                .onErrorLine(errors::add)
                .timeLimit(Duration.ofSeconds(10))
                .run(standardOutput -> standardOutput.transferTo(printed));
        if (status != 0) {
            throw new IOException(
                    program + " --version exited with status " + status + ": " + String.join(" ", errors));
        }
        try {
            return PostgresVersion.parse(printed.toString(StandardCharsets.UTF_8));
        } catch (IllegalArgumentException e) {
            throw new IOException(program + " --version: " + e.getMessage(), e);
        }
    }

    private static List<Path> path(Map<String, String> environment) {
        List<Path> directories = new ArrayList<>();
        for (String entry : environment.getOrDefault("PATH", "").split(File.pathSeparator, -1)) {
            try {
                if (!entry.isEmpty()) {
                    directories.add(Path.of(entry));
                }
            } catch (InvalidPathException e) {
                // Ignored, as by the shell.
            }
        }
        return directories;
    }

    private static List<Path> expand(String place) {
        int star = place.indexOf('*');
        Path directory = Path.of(star < 0 ? place : place.substring(0, place.lastIndexOf('/', star)));
        if (star < 0 || !Files.isDirectory(directory)) {
            return Files.isDirectory(directory) ? List.of(directory) : List.of();
        }
        String rest = place.substring(directory.toString().length() + 1);
        String pattern = rest.substring(0, rest.indexOf('/'));
        try (DirectoryStream<Path> versions = Files.newDirectoryStream(directory, pattern)) {
            List<Path> places = new ArrayList<>();
            versions.forEach(version -> places.add(version.resolve("bin")));
            places.sort(Comparator.reverseOrder());
            return places;
        } catch (IOException e) {
            return List.of();
        }
    }
}
