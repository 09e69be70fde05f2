package io.github.pgbackup.mojo;

import io.github.pgbackup.test.ProductionServer;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A build of a small project by a real Maven. Its JVM has 128 MiB and its own directory for temporary files. The plugin
 * comes from the repository into which this build installs it for the projects in {@code src/it}.
 */
final class MavenBuild {

    private static final Path TARGET = Path.of("target").toAbsolutePath();
    private static final Path REPOSITORY = TARGET.resolve("local-repo");
    private static final String PLUGIN = "io.github.pgbackup:pgbackup-maven-plugin:" + property("pgbackup.version");

    private static final String LOCAL_ENGINE = "-Dpgbackup.restore.engine=local";

    private final Path directory;
    private final Path temporary;
    private final Map<String, String> environment = new LinkedHashMap<>();
    private final List<String> options = new ArrayList<>();
    private final List<String> wrapper = new ArrayList<>();
    private Path localRepository = REPOSITORY;
    private String servers = "";

    /** A build in this directory, which is created. Its subdirectory {@code tmp} is for temporary files. */
    MavenBuild(Path directory) {
        this.directory = directory;
        this.temporary = directory.resolve("tmp");
        try {
            // If root builds, the throw-away server runs as another user, who must be able to enter.
            Files.createDirectories(temporary);
            Path ofAll = Path.of(System.getProperty("java.io.tmpdir"));
            for (Path at = temporary; at.startsWith(ofAll) && !at.equals(ofAll); at = at.getParent()) {
                Files.setPosixFilePermissions(at, PosixFilePermissions.fromString("rwxr-xr-x"));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        // A machine may or may not have a Docker daemon; a test that depends on it says so.
        options.add(LOCAL_ENGINE);
        environment.put("JAVA_HOME", System.getProperty("java.home"));
        environment.put("MAVEN_SKIP_RC", "true");
        // A build of a few seconds ends before the second compiler pays off.
        environment.put("MAVEN_OPTS", "-Xmx128m -XX:TieredStopAtLevel=1 -Djava.io.tmpdir=" + temporary);
    }

    /** The plugin's goal on the command line. */
    static String goal(String goal) {
        return PLUGIN + ":" + goal;
    }

    Path directory() {
        return directory;
    }

    /** Directory for temporary files of the build's JVM. */
    Path temporary() {
        return temporary;
    }

    Path evidence() {
        return directory.resolve("target/verify-backup");
    }

    /** Writes a POM that binds the goal with this configuration. */
    MavenBuild configuration(String configuration) {
        return pom("""
                <packaging>pom</packaging>
                <build>
                    <plugins>
                        %s
                    </plugins>
                </build>
                """.formatted(plugin("", configuration)));
    }

    /** The plugin as an element of {@code <plugins>}. */
    static String plugin(String inherited, String configuration) {
        return plugin(inherited, "<goal>verify-backup</goal>", configuration);
    }

    /** The same with other goals. */
    static String plugin(String inherited, String goals, String configuration) {
        String[] coordinates = PLUGIN.split(":", -1);
        return """
                <plugin>
                    <groupId>%s</groupId>
                    <artifactId>%s</artifactId>
                    <version>%s</version>
                    %s
                    <executions>
                        <execution>
                            <goals>
                                %s
                            </goals>
                        </execution>
                    </executions>
                    <configuration>
                        %s
                    </configuration>
                </plugin>
                """.formatted(coordinates[0], coordinates[1], coordinates[2], inherited, goals, configuration);
    }

    /** Writes a POM with this text after its coordinates. */
    MavenBuild pom(String rest) {
        return file("pom.xml", """
                <project xmlns="http://maven.apache.org/POM/4.0.0">
                    <modelVersion>4.0.0</modelVersion>
                    <groupId>org.example</groupId>
                    <artifactId>app</artifactId>
                    <version>1</version>
                    %s
                </project>
                """.formatted(rest));
    }

    /** Writes a file of the project. */
    MavenBuild file(String name, String text) {
        try {
            Path file = directory.resolve(name);
            Files.createDirectories(file.getParent());
            Files.writeString(file, text);
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The source by its URL; its superuser is the server {@code production} in settings.xml. */
    MavenBuild source(ProductionServer production, String database, String more) {
        return server("production", production.superuser(), production.password())
                .configuration("<source><url>" + production.url(database)
                        + "</url><serverId>production</serverId></source>" + more);
    }

    /** The repository into which the plugin under test is installed. */
    static Path repository() {
        return REPOSITORY;
    }

    /** Maven, with settings in the directory that make it take everything from the local repository. */
    static String command(Path directory) throws IOException {
        return Path.of(property("maven.home"), "bin/mvn") + " --settings=" + settings(directory, "");
    }

    /** The settings of src/it without the servers of its projects; Maven takes everything from the local repository. */
    private static Path settings(Path directory, String servers) throws IOException {
        String common = Files.readString(TARGET.resolveSibling("src/it/settings.xml"))
                .replace(
                        "@localRepositoryUrl@",
                        Path.of(property("pgbackup.localRepository")).toUri().toString());
        return Files.writeString(
                directory.resolve("settings.xml"),
                Pattern.compile("<servers>.*</servers>", Pattern.DOTALL)
                        .matcher(common)
                        .replaceFirst("<servers>" + servers.replace("$", "\\$") + "</servers>"));
    }

    /** Adds a server to settings.xml. */
    MavenBuild server(String id, String user, String password) {
        servers += "<server><id>" + id + "</id><username>" + user + "</username><password>" + password
                + "</password></server>";
        return this;
    }

    /** Adds a server with a key to settings.xml. */
    MavenBuild serverWithKey(String id, String privateKey, String passphrase) {
        servers += "<server><id>" + id + "</id><privateKey>" + privateKey + "</privateKey><passphrase>" + passphrase
                + "</passphrase></server>";
        return this;
    }

    /** A password as {@code mvn --encrypt-password} prints it, with a new master password. */
    String encrypt(String password) {
        String master =
                encrypted(run("--encrypt-master-password", UUID.randomUUID().toString()));
        file("settings-security.xml", "<settingsSecurity><master>" + master + "</master></settingsSecurity>");
        return encrypted(run("--encrypt-password", password));
    }

    private static String encrypted(Result result) {
        return result.output()
                .lines()
                .filter(line -> line.startsWith("{"))
                .findFirst()
                .orElseThrow();
    }

    MavenBuild environment(String name, String value) {
        environment.put(name, value);
        return this;
    }

    /** Uses a local repository other than the one into which the plugin under test is installed. */
    MavenBuild localRepository(Path repository) {
        localRepository = repository;
        return this;
    }

    /** Leaves the choice of an engine to the plugin. */
    MavenBuild anyEngine() {
        options.remove(LOCAL_ENGINE);
        return this;
    }

    /** Arguments of every run. */
    MavenBuild option(String option) {
        options.add(option);
        return this;
    }

    /**
     * Runs Maven in a mount namespace of its own.
     *
     * @param mounts shell commands; {@code $project} is the project's directory
     */
    MavenBuild mounts(String mounts) {
        wrapper.addAll(List.of(
                "unshare", "--mount", "sh", "-ec", "project=" + directory + "\n" + mounts + "\nexec \"$@\"", "sh"));
        return this;
    }

    /** Runs until the end. */
    Result run(String... arguments) {
        try (Running build = start(arguments)) {
            return build.result();
        }
    }

    /** Starts it in its own process group, as a terminal does, so that a signal can reach all of it. */
    Running start(String... arguments) {
        try {
            Path settings = settings(directory, servers);
            // A script that starts these tests in the background makes them ignore Ctrl-C, and child processes inherit
            // that.
            List<String> command = new ArrayList<>(List.of("env", "--default-signal", "setsid"));
            command.addAll(wrapper);
            command.addAll(List.of(
                    Path.of(property("maven.home"), "bin/mvn").toString(),
                    "--batch-mode",
                    "--no-transfer-progress",
                    "-Dstyle.color=never",
                    "--settings=" + settings,
                    "-Dmaven.repo.local=" + localRepository,
                    "-Dsettings.security=" + directory.resolve("settings-security.xml")));
            command.addAll(options);
            command.addAll(List.of(arguments));
            ProcessBuilder builder = new ProcessBuilder(command);
            builder.environment().keySet().removeIf(name -> name.matches("(PG|MAVEN_|PGBACKUP_).*"));
            builder.environment().putAll(environment);
            // Not a pipe: when the process ends, Java drains it while another thread still reads, and lines get lost.
            Path output = Files.createTempFile("maven-build", ".log");
            return new Running(
                    builder.directory(directory.toFile())
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()))
                            .start(),
                    output,
                    this);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String property(String name) {
        String value = System.getProperty(name);
        if (value == null) {
            throw new IllegalStateException("Run this test by Maven, which sets " + name + ".");
        }
        return value;
    }

    /** A running build. */
    static final class Running implements AutoCloseable {

        private static final long PAUSE = TimeUnit.MILLISECONDS.toNanos(10);

        private final Process process;
        private final MavenBuild build;
        private final Path file;
        private final InputStream output;
        private final StringBuilder read = new StringBuilder();

        private Running(Process process, Path file, MavenBuild build) throws IOException {
            this.process = process;
            this.build = build;
            this.file = file;
            this.output = new BufferedInputStream(Files.newInputStream(file));
        }

        /** The next complete line of its output; null if the process has ended. */
        private @Nullable String line() throws IOException {
            ByteArrayOutputStream line = new ByteArrayOutputStream();
            boolean ended = false;
            while (true) {
                int next = output.read();
                if (next == '\n' || next < 0 && ended && line.size() > 0) {
                    return line.toString(StandardCharsets.UTF_8);
                } else if (next >= 0) {
                    line.write(next);
                } else if (ended) {
                    return null;
                } else {
                    ended = !process.isAlive();
                    LockSupport.parkNanos(ended ? 0 : PAUSE);
                }
            }
        }

        /** The process ID of Maven's JVM: each program before it is replaced by the next one. */
        long pid() {
            return process.pid();
        }

        /** All its descendants, without itself. */
        List<ProcessHandle> descendants() {
            return process.descendants().toList();
        }

        /** Reads its output up to the first line that matches. */
        String awaitLine(Predicate<String> wanted) {
            try {
                String line = line();
                while (line != null) {
                    read.append(line).append('\n');
                    if (wanted.test(line)) {
                        return line;
                    }
                    line = line();
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            throw new AssertionError("The build ended before the line that was waited for:\n" + read);
        }

        /** Sends a signal to its JVM, or to the whole process group as Ctrl-C does. */
        void signal(String name, boolean group) {
            try {
                new ProcessBuilder("kill", "-s", name, "--", (group ? "-" : "") + process.pid())
                        .inheritIO()
                        .start()
                        .waitFor();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        /** Waits for its end. */
        Result result() {
            try {
                String line = line();
                while (line != null) {
                    read.append(line).append('\n');
                    line = line();
                }
                if (!process.waitFor(60, TimeUnit.SECONDS)) {
                    throw new AssertionError("The build does not end:\n" + read);
                }
                // Debian's Maven resets the terminal's colours even if it prints none.
                return new Result(build, process.exitValue(), read.toString().replace("\u001b[0m", ""));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("Interrupted while a build ran.", e);
            }
        }

        @Override
        public void close() {
            if (process.isAlive()) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
            }
            try {
                output.close();
                Files.delete(file);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /**
     * A build that has ended.
     *
     * @param output everything it printed
     */
    record Result(MavenBuild build, int status, String output) {

        /** Maven's error message, without level, advice and name of the goal. */
        String error() {
            return output.lines()
                    .filter(line -> line.startsWith("[ERROR]"))
                    .map(line -> line.substring("[ERROR]".length()).replaceFirst("^ ", ""))
                    .takeWhile(line -> !line.startsWith("-> [Help"))
                    .map(line -> line.replaceAll(" -> \\[Help \\d+]$", ""))
                    .reduce((a, b) -> a + "\n" + b)
                    .orElse("")
                    .replaceFirst("^Failed to execute goal \\S+ \\(\\S+\\) on project \\S+: ", "")
                    .replace(build.evidence().toString(), "target/verify-backup")
                    .replaceAll("\\d{8}T\\d{6}Z", "STAMP");
        }

        /** Maven's warnings, except the one about PostgreSQL's programs, which depends on the machine. */
        List<String> warnings() {
            return output.lines()
                    .filter(line -> line.startsWith("[WARNING]"))
                    .filter(line -> !line.contains("lack security fixes"))
                    .toList();
        }

        String evidence(String file) {
            try {
                return Files.readString(build.evidence().resolve(file));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
