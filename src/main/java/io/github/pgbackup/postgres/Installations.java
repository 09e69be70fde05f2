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

/** The installations of PostgreSQL on this machine, in the order in which they are preferred. */
public final class Installations {

    /** Where packages put their programs; one * stands for the versions in that directory. */
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
     * Looks in the configured directories, then in PATH, then in the usual places of the operating systems' packages.
     *
     * @param configured directories of programs; each must hold some
     * @param environment the environment, for its PATH
     * @throws CannotVerifyException if a configured directory does not hold programs that run
     */
    public static Installations find(List<Path> configured, Map<String, String> environment, Console console)
            throws InterruptedException {
        Set<Path> seen = new HashSet<>();
        List<Installation> wanted = new ArrayList<>();
        for (Path bin : configured) {
            try {
                inspect(bin, seen).ifPresent(wanted::add);
            } catch (IOException e) {
                throw new CannotVerifyException(
                        "No PostgreSQL program that runs is in " + bin + ": " + e.getMessage() + ".",
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
        Installations installations = new Installations(wanted, found);
        installations.all.forEach(installation -> console.debug("Found PostgreSQL " + installation + "."));
        return installations;
    }

    /** Every installation, the preferred ones first. */
    public List<Installation> all() {
        return all;
    }

    /**
     * The client to dump and restore with: one of the server's major version, else the nearest newer one; a client
     * refuses a server that is newer than itself. Configured directories come before all others that fit as well. The own
     * major comes first even so: pg_dump writes of an older server what only its own major knows to leave out, such as
     * {@code pg_attver} of 15.20, and then no server takes the table.
     *
     * @return empty if there are only older clients, or none
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
     * The same as {@link #client}.
     *
     * @throws CannotVerifyException if there are only older clients, or none
     */
    public Installation requireClient(PostgresVersion server) {
        return client(server).orElseThrow(() -> {
            String found = all.stream()
                    .filter(Installation::hasClient)
                    .map(each -> each.version() + " in " + each.bin())
                    .collect(Collectors.joining(", "));
            return new CannotVerifyException(
                    "There is no pg_dump for PostgreSQL " + server + ": version " + server.major()
                            + " or newer is needed, found: " + (found.isEmpty() ? "none" : found) + ".",
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

    /** What was found, for a message: {@code 15.18 in /usr/lib/postgresql/15/bin (client and server)}, or "none". */
    @Override
    public String toString() {
        return all.isEmpty() ? "none" : all.stream().map(Installation::toString).collect(Collectors.joining(", "));
    }

    /** Empty if the directory was seen before. */
    private static Optional<Installation> inspect(Path directory, Set<Path> seen)
            throws IOException, InterruptedException {
        if (!Files.isDirectory(directory)) {
            throw new IOException("there is no such directory");
        }
        Path bin = directory.toRealPath();
        if (!seen.add(bin)) {
            return Optional.empty();
        }
        Installation unknown = new Installation(directory.toAbsolutePath(), PostgresVersion.ofNumber(1));
        if (!unknown.hasClient() && !unknown.hasServer()) {
            throw new IOException("it holds neither pg_dump and pg_restore nor initdb and postgres");
        }
        Path program = unknown.program(unknown.hasClient() ? "pg_dump" : "postgres");
        Path real = program.toRealPath();
        if (real.endsWith("pg_wrapper")) {
            // Debian's /usr/bin: a script that picks a version by itself, from the environment and ~/.postgresqlrc.
            throw new IOException("its pg_dump is Debian's pg_wrapper, which chooses a version by itself");
        }
        Path home = real.getParent();
        if (home != null && !home.equals(bin) && real.endsWith(program.getFileName())) {
            return inspect(home, seen); // a directory of links, as /usr/local/bin can be: the programs are elsewhere
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
            throw new IOException(program + " --version ended with status " + status + ": " + String.join(" ", errors));
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
                // Passed over, as the shell does.
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
