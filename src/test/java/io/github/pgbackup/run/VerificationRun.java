package io.github.pgbackup.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.Console;
import io.github.pgbackup.Remedy;
import io.github.pgbackup.container.Container;
import io.github.pgbackup.container.DaemonFinder;
import io.github.pgbackup.engine.ChosenEngine;
import io.github.pgbackup.engine.DataDirectory;
import io.github.pgbackup.engine.Engine;
import io.github.pgbackup.engine.Isolation;
import io.github.pgbackup.engine.PostgresServer;
import io.github.pgbackup.engine.Removal;
import io.github.pgbackup.engine.ServerRequest;
import io.github.pgbackup.engine.local.LocalEngine;
import io.github.pgbackup.evidence.Check;
import io.github.pgbackup.evidence.EvidenceFolder;
import io.github.pgbackup.evidence.Verdict;
import io.github.pgbackup.evidence.VerificationReport;
import io.github.pgbackup.plan.InvalidConfigurationException;
import io.github.pgbackup.plan.PlanReader;
import io.github.pgbackup.plan.Tag;
import io.github.pgbackup.plan.VerificationPlan;
import io.github.pgbackup.postgres.ClientPrograms;
import io.github.pgbackup.postgres.Command;
import io.github.pgbackup.postgres.PostgresVersion;
import io.github.pgbackup.postgres.Session;
import io.github.pgbackup.source.Credentials;
import io.github.pgbackup.stage.Interruption;
import io.github.pgbackup.test.ProductionServer;
import io.github.pgbackup.test.Programs;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A complete verification of a database of a {@link ProductionServer} with the plugin's own code, from the plan on. A test
 * can act between the stages, on the archive or on the restored database, as a disk, a bug or a colleague would.
 */
final class VerificationRun {

    /** The end of the dump's last line, the beginning of a hash; it comes between pg_dump's end and the next stage. */
    static final String AFTER_DUMP = "…";

    private final List<Tag> protectedEnvironments = new ArrayList<>();
    private final Map<String, String> variables = new LinkedHashMap<>(System.getenv());
    private @Nullable List<Path> programs;
    private Credentials credentials;
    private final String database;
    private final Path root;
    private final Map<String, String> properties = new LinkedHashMap<>();
    private final List<Tag> toleratedDifferences = new ArrayList<>();
    private final List<Tag> expectations = new ArrayList<>();
    private final List<Tag> files = new ArrayList<>();
    private final List<Path> clients = new ArrayList<>();
    private final List<String> log = new ArrayList<>();
    private final Map<String, Runnable> stages = new LinkedHashMap<>();
    private @Nullable PostgresVersion target;
    private boolean tested;
    private String afterFault = "";
    private String alteration = "";
    private @Nullable PostgresServer started;
    private Sabotage<Path> archive = path -> {};
    private Sabotage<Session> restored = session -> {};

    /** An action of a test between the stages. */
    interface Sabotage<T> {
        void act(T on) throws Exception;
    }

    private VerificationRun(List<Path> programs, Credentials credentials, String database, Path root) {
        this.programs = programs;
        this.credentials = credentials;
        this.database = database;
        this.root = root;
        with("restore.engine", "local");
    }

    /**
     * A verification with the defaults and the local engine.
     *
     * @param root a directory for the evidence, emptied when it is run
     */
    static VerificationRun of(ProductionServer production, String database, Path root) {
        // Names of databases may hold what a URL gives a meaning to.
        String name = URLEncoder.encode(database, StandardCharsets.UTF_8).replace("+", "%20");
        return new VerificationRun(
                        List.of(production.bin()),
                        new Credentials(production.superuser(), production.password()),
                        database,
                        root)
                .with("source.url", production.url(name));
    }

    /**
     * A verification of an existing archive, with the local engine and without a source.
     *
     * @param file the value of {@code <archive><file>}
     * @param database the archive's database, for a sabotage
     */
    static VerificationRun ofArchive(Object file, String database, Path root) {
        return new VerificationRun(List.of(), Credentials.NONE, database, root).with("archive.file", file.toString());
    }

    /** The same, compared with the live source. */
    static VerificationRun ofArchiveAndSource(Object file, ProductionServer production, String database, Path root) {
        return of(production, database, root).with("archive.file", file.toString());
    }

    /** The same for several files that form one backup together. */
    static VerificationRun ofFiles(List<Path> files, String database, Path root) {
        VerificationRun run = new VerificationRun(List.of(), Credentials.NONE, database, root);
        files.forEach(file -> run.files.add(new Tag("file", file.toString(), List.of())));
        return run;
    }

    /** The same for an archive that a program writes. */
    static VerificationRun ofCommand(String command, String database, Path root) {
        return new VerificationRun(List.of(), Credentials.NONE, database, root).with("archive.command", command);
    }

    /** A verification of a database in a container, with the container engine. */
    static VerificationRun inContainer(String container, String database, Path root) {
        return new VerificationRun(List.of(), Credentials.NONE, database, root)
                .with("source.container", container)
                .with("source.database", database)
                .with("restore.engine", "container");
    }

    /** A verification that properties alone configure, with the programs of this machine's operating system. */
    static VerificationRun ofProperties(Credentials credentials, Path root) {
        return new VerificationRun(List.of(), credentials, "", root).withOldPrograms();
    }

    /** Sets a property, without its prefix: {@code comparison}, {@code backup.format}. */
    VerificationRun with(String property, String value) {
        properties.put("pgbackup." + property, value);
        return this;
    }

    VerificationRun tolerate(String object, String reason) {
        toleratedDifferences.add(new Tag(
                "toleratedDifference",
                null,
                List.of(new Tag("object", object, List.of()), new Tag("reason", reason, List.of()))));
        return this;
    }

    VerificationRun protect(String name, String container) {
        return protectBy("container", name, container);
    }

    VerificationRun protectUrl(String name, String url) {
        return protectBy("url", name, url);
    }

    private VerificationRun protectBy(String way, String name, String value) {
        protectedEnvironments.add(new Tag(
                "protectedEnvironment",
                null,
                List.of(new Tag("name", name, List.of()), new Tag(way, value, List.of()))));
        return this;
    }

    /** Without the programs of the tests: only those of this machine's operating system. */
    VerificationRun withOldPrograms() {
        programs = null;
        return this;
    }

    /** Expects that an object exists. */
    VerificationRun expect(String kind, String name) {
        expectations.add(new Tag(kind, null, List.of(new Tag("name", name, List.of()))));
        return this;
    }

    /** Dumps as another role than the superuser. */
    VerificationRun as(String role, String itsPassword) {
        credentials = new Credentials(role, itsPassword);
        return this;
    }

    /** Prefers the client programs in this directory to all others of their major. */
    VerificationRun client(Path bin) {
        clients.add(bin);
        return this;
    }

    /** Restores into a server of this major version, and not into one of the source's. */
    VerificationRun into(int major) {
        target = PostgresVersion.ofNumber(major * 10_000);
        return this;
    }

    /** With the Docker daemon at this address. */
    VerificationRun daemon(String host) {
        variables.put("DOCKER_HOST", host);
        return this;
    }

    /** Acts when a stage begins, concurrently with it: {@code dump}. */
    VerificationRun at(String stage, Runnable action) {
        stages.put(stage.equals(AFTER_DUMP) ? stage : "] " + stage, action);
        return this;
    }

    /** Adds the content of a POM's {@code <expectations>}. */
    VerificationRun expect(Tag tag) {
        expectations.addAll(tag.children());
        return this;
    }

    /** Acts on the archive (a file or a directory) before it is checked. */
    VerificationRun onArchive(Sabotage<Path> sabotage) {
        archive = sabotage;
        return this;
    }

    /** Acts on the database as the superuser after each restore. */
    VerificationRun onRestored(Sabotage<Session> sabotage) {
        restored = sabotage;
        return this;
    }

    /** Shows the problem if there is one. */
    static void assertPassed(VerificationReport report) {
        assertThat(report.verdict())
                .as(report.problemText()
                        + report.failedChecks().stream().map(Check::sentence).collect(Collectors.joining("\n")))
                .isEqualTo(Verdict.PASS);
    }

    /** The output on the console. */
    List<String> log() {
        return log;
    }

    /** Also tests the expectations. */
    VerificationRun tested() {
        tested = true;
        return this;
    }

    /** Alters the restored database permanently after a fault of this kind has been rolled back. */
    VerificationRun afterFault(String kind, String sql) {
        afterFault = kind;
        alteration = sql;
        return this;
    }

    /** Runs the verification with the server and client programs of the majors on this machine. */
    VerificationReport run() {
        if (programs != null) {
            with(
                    "binDirectory",
                    Stream.concat(
                                    Stream.concat(clients.stream(), programs.stream()),
                                    Programs.majors().map(Programs::directory).filter(bin -> bin != null))
                            .distinct()
                            .map(Path::toString)
                            .collect(Collectors.joining(File.pathSeparator)));
        }
        Tag tolerated = new Tag("toleratedDifferences", null, toleratedDifferences);
        List<Tag> tags = new ArrayList<>(List.of(
                new Tag("restore", null, List.of(tolerated)),
                new Tag("protectedEnvironments", null, protectedEnvironments),
                new Tag("expectations", null, expectations)));
        if (!files.isEmpty()) {
            tags.add(new Tag("archive", null, files));
        }
        Tag configuration = new Tag("configuration", null, tags);
        Path evidence = root.resolve("verify-backup");
        Console console = new RecordingConsole(evidence);
        try (EvidenceFolder folder = EvidenceFolder.prepare(evidence)) {
            PlanReader reader = new PlanReader(properties::get, root);
            VerificationPlan plan = tested ? reader.readTest(configuration) : reader.read(configuration);
            DaemonFinder daemons = new DaemonFinder(variables);
            var engines = EngineSelection.of(
                    plan.restore(),
                    daemons,
                    installations -> new LocalEngine(
                            installations,
                            (group, artifact, version) -> {
                                throw new CannotVerifyException(artifact + " is not for tests.", Remedy.NONE);
                            },
                            plan.workDirectory(),
                            console),
                    console);
            var environment = new BackupVerification.Environment(
                    "test", System.getenv(), address -> credentials, daemons, installations -> {
                        ChosenEngine chosen = engines.apply(installations);
                        return new ChosenEngine(new SabotagedEngine(chosen.engine()), chosen.reason());
                    });
            try (daemons;
                    Interruption interruption = new Interruption(plan.timeout(), console)) {
                return new RepeatedVerification(plan, environment, folder, console, interruption).run();
            }
        } catch (InvalidConfigurationException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private final class RecordingConsole implements Console {

        private final Path evidence;

        RecordingConsole(Path evidence) {
            this.evidence = evidence;
        }

        @Override
        public void info(String line) {
            log.add(line);
            stages.forEach((stage, action) -> {
                if (line.endsWith(stage)) {
                    action.run();
                }
            });
            if (line.endsWith("] check archive")
                    && !properties.containsKey("pgbackup.archive.file")
                    && !properties.containsKey("pgbackup.archive.command")
                    && files.isEmpty()) {
                perform(archive, archive(evidence.resolve("dump")));
            }
        }

        @Override
        public void warn(String line) {
            log.add(line);
        }

        @Override
        public void debug(String line) {
            log.add(line);
            PostgresServer server = started;
            if (!afterFault.isEmpty() && line.startsWith("  fault " + afterFault) && server != null) {
                perform(
                        on -> {
                            try (Session session = on.connect(database)) {
                                session.execute(alteration);
                            }
                        },
                        server);
            }
        }
    }

    private static Path archive(Path dumpFolder) {
        try (Stream<Path> files = Files.list(dumpFolder)) {
            return files.filter(file -> !file.toString().matches(".*\\.(sql|json)"))
                    .findFirst()
                    .orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static <T> void perform(Sabotage<T> sabotage, T on) {
        try {
            sabotage.act(on);
        } catch (Exception e) {
            throw new AssertionError("The sabotage itself failed: " + e.getMessage(), e);
        }
    }

    private final class SabotagedEngine implements Engine {

        private final Engine engine;

        SabotagedEngine(Engine engine) {
            this.engine = engine;
        }

        @Override
        public String name() {
            return engine.name();
        }

        @Override
        public ClientPrograms dumpPrograms(PostgresVersion source, String host) throws InterruptedException {
            return engine.dumpPrograms(source, host);
        }

        @Override
        public Optional<Path> dataDirectory() throws InterruptedException {
            return engine.dataDirectory();
        }

        @Override
        public void close() {
            engine.close();
        }

        @Override
        public DataDirectory provision(ServerRequest request) throws InterruptedException {
            DataDirectory data = engine.provision(
                    target == null
                            ? request
                            : new ServerRequest(
                                    target, request.superuser(), request.serverLog(), request.parameters()));
            return new DataDirectory() {
                @Override
                public PostgresServer start() throws InterruptedException {
                    PostgresServer server = data.start();
                    started = server;
                    return new SabotagedServer(server);
                }

                @Override
                public void close() {
                    data.close();
                }
            };
        }

        @Override
        public DataDirectory adopt(ServerRequest request, Path directory) throws InterruptedException {
            return engine.adopt(request, directory);
        }
    }

    /**
     * Runs the sabotage at the first connection after a pg_restore that has created the database, by the thread that
     * ran it: others may connect while it runs.
     */
    private final class SabotagedServer implements PostgresServer {

        private final PostgresServer server;
        private int restores;
        private @Nullable Thread due;
        private long sabotaged;

        SabotagedServer(PostgresServer server) {
            this.server = server;
        }

        @Override
        public Socket open() throws IOException {
            return server.open();
        }

        @Override
        public PostgresVersion version() {
            return server.version();
        }

        @Override
        public Session connect(String to) throws SQLException {
            if (due == Thread.currentThread()) {
                due = null;
                try (Session session = server.connect(database)) {
                    long made = session.number(
                            "select oid::bigint from pg_catalog.pg_database where datname = current_database()");
                    if (made != sabotaged) {
                        sabotaged = made;
                        session.execute("set default_transaction_read_only = off");
                        perform(restored, session);
                    }
                }
            }
            return server.connect(to);
        }

        @Override
        public Command psql(Path script, List<String> arguments) throws IOException, InterruptedException {
            restores++;
            due = Thread.currentThread();
            return server.psql(script, arguments);
        }

        @Override
        public Command command(String program) {
            // The first one for each file prints the schema; not all others create the database.
            if (program.equals("pg_restore") && ++restores > Math.max(1, files.size())) {
                due = Thread.currentThread();
            }
            return server.command(program);
        }

        @Override
        public String pathFor(Path path) throws IOException, InterruptedException {
            return server.pathFor(path);
        }

        @Override
        public Optional<Container> container() {
            return server.container();
        }

        @Override
        public OptionalLong freeSpace() throws InterruptedException {
            return server.freeSpace();
        }

        @Override
        public Optional<Path> disk() {
            return server.disk();
        }

        @Override
        public Isolation isolation() {
            return server.isolation();
        }

        @Override
        public Removal stop() {
            return server.stop();
        }
    }
}
