package io.github.pgbackup.mojo;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgbackup.plan.ExpectationsSchemaTest;
import io.github.pgbackup.test.Archives;
import io.github.pgbackup.test.Docker;
import io.github.pgbackup.test.ProductionContainer;
import io.github.pgbackup.test.ProductionServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * Every project in {@code examples/}, copied and run unchanged. Only the databases' addresses come from the command
 * line.
 */
final class ExamplesInMavenIT {

    private static final Path EXAMPLES = Path.of("examples");
    private static final String SCHEMA = """
            CREATE TABLE orders (id int PRIMARY KEY);
            INSERT INTO orders SELECT generate_series(1, 42);
            """;

    private static ProductionServer production;

    @TempDir
    private Path directory;

    /** How to run an example. It leaves a verdict in its evidence. */
    private interface Run {
        void of(ExamplesInMavenIT test, Path example) throws Exception;
    }

    private static final Map<String, Run> RUNS = new TreeMap<>();

    static {
        RUNS.put(
                "minimal",
                (test, example) -> test.passes(test.withServer(example, production.superuser()), "mvn verify"));
        RUNS.put("container", (test, example) -> test.ofContainer(example));
        RUNS.put("existing-archive", (test, example) -> test.ofArchive(example));
        RUNS.put("two-databases", (test, example) -> test.ofTwoDatabases(example));
        RUNS.put("multi-module", (test, example) -> {
            test.passes(test.withServer(example, production.superuser()), "mvn verify");
            assertThat(example.resolve("app/target")).doesNotExist();
        });
        RUNS.put("managed", (test, example) -> {
            production.execute("shop", Files.readString(example.resolve("role.sql")));
            production.execute("shop", "ALTER ROLE backup_verifier PASSWORD '" + production.password() + "'");
            test.passes(test.withServer(example, "backup_verifier"), "mvn verify");
        });
        RUNS.put("flyway", (test, example) -> test.ofMigration(example, "V2__note_of_an_order.sql", "pgbackup.flyway"));
        RUNS.put("liquibase", (test, example) -> test.ofMigration(example, "changelog.sql", "pgbackup.liquibase"));
        RUNS.put("spring-boot", (test, example) -> test.ofSpringBoot(example));
        RUNS.put("github", (test, example) -> test.ofYaml(example, ".github/workflows/backup.yml"));
        RUNS.put("gitlab", (test, example) -> test.ofYaml(example, ".gitlab-ci.yml"));
        RUNS.put("jenkins", (test, example) -> {
            List<String> commands = Pattern.compile("sh '(.*?)'")
                    .matcher(Files.readString(example.resolve("Jenkinsfile")))
                    .results()
                    .map(command -> command.group(1))
                    .toList();
            test.runs(example, commands);
        });
    }

    @BeforeAll
    static void start() {
        production = ProductionServer.start();
        production.createDatabase("shop");
        production.execute("shop", SCHEMA);
        production.createDatabase("billing");
        production.execute("billing", SCHEMA.replace("orders", "invoices"));
    }

    @AfterAll
    static void stop() {
        production.close();
    }

    static Stream<String> examples() throws IOException {
        try (Stream<Path> folders = Files.list(EXAMPLES)) {
            return folders
                    .filter(Files::isDirectory)
                    .map(folder -> folder.getFileName().toString())
                    .sorted()
                    .toList()
                    .stream();
        }
    }

    @Test
    void every_example_runs_and_is_listed() throws IOException {
        assertThat(examples()).containsExactlyElementsOf(RUNS.keySet());
        String list = Files.readString(EXAMPLES.resolve("README.md"));
        assertThat(examples()).allSatisfy(example -> assertThat(list).contains("[" + example + "](" + example + ")"));
    }

    @ParameterizedTest
    @MethodSource("examples")
    void an_example_runs_unchanged(String name) throws Exception {
        Path example = copy(EXAMPLES.resolve(name), directory.resolve(name));
        String readme = Files.readString(example.resolve("README.md"));
        assertThat(readme).contains("```shell\nmvn verify\n```");

        RUNS.get(name).of(this, example);
    }

    private void passes(MavenBuild build, String command) throws IOException {
        MavenBuild.Result result = run(build, command);

        assertThat(result.output()).contains("BUILD SUCCESS");
        assertThat(result.warnings()).isEmpty();
        assertThat(build.directory().resolve("target/verify-backup-index.html")).doesNotExist();
        assertThat(result.evidence("SUMMARY.txt"))
                .startsWith("verify-backup: PASS\n")
                .contains("public.orders");
    }

    private static MavenBuild.Result run(MavenBuild build, String command) {
        return build.run(command.substring("mvn ".length()).split("\\s+"));
    }

    /** The addresses of the databases, instead of those in the POM. */
    private MavenBuild build(Path example) {
        return new MavenBuild(example)
                .option("-Dshop.url=" + production.url("shop"))
                .option("-Dbilling.url=" + production.url("billing"));
    }

    private MavenBuild withServer(Path example, String user) {
        return build(example).server("shop-backup", user, production.password());
    }

    private void ofContainer(Path example) throws IOException {
        Docker.require(15);
        try (ProductionContainer container = ProductionContainer.start(15, "postgres")) {
            container.createDatabase("shop");
            container.query("shop", "CREATE TABLE orders AS SELECT generate_series(1, 42) AS id");
            passes(new MavenBuild(example).anyEngine().option("-Dshop.container=" + container.name()), "mvn verify");
        }
    }

    private void ofArchive(Path example) throws Exception {
        Path backups = Files.createDirectory(example.resolve("backups"));
        new Archives(production.bin(), production).dump("shop", backups.resolve("shop-1.dump"), "-Fc");

        passes(new MavenBuild(example).option("-Dshop.archive=" + backups.resolve("shop-*.dump")), "mvn verify");
    }

    private void ofTwoDatabases(Path example) throws Exception {
        ExpectationsSchemaTest.validate(Files.readString(example.resolve("billing-expectations.xml")));

        MavenBuild.Result result = run(withServer(example, production.superuser()), "mvn verify");

        assertThat(result.output()).contains("BUILD SUCCESS");
        assertThat(example.resolve("target/verify-backup-shop/SUMMARY.txt"))
                .content()
                .startsWith("verify-backup: PASS\n")
                .contains("public.orders");
        assertThat(example.resolve("target/verify-backup-billing/SUMMARY.txt"))
                .content()
                .startsWith("verify-backup: PASS\n")
                .contains("public.invoices");
        assertThat(example.resolve("target/verify-backup-index.html"))
                .content()
                .contains("2 executions: 2 PASS.")
                .contains("href=\"verify-backup-shop/index.html\"", "href=\"verify-backup-billing/index.html\"");
    }

    /** The plugin takes only ten lines, and production has no new column afterwards. */
    private void ofMigration(Path example, String migration, String version) throws IOException {
        String pom = Files.readString(example.resolve("pom.xml"));
        assertThat(pom).contains("<version>" + System.getProperty(version) + "</version>");
        assertThat(pom.substring(pom.indexOf("<plugin>"), pom.indexOf("</plugin>"))
                        .lines())
                .hasSize(10);
        MavenBuild build = withServer(example, production.superuser());

        passes(build, "mvn verify");

        assertThat(Files.readString(build.evidence().resolve("rehearsal.json")))
                .contains(migration, "ACCESS EXCLUSIVE", "+TABLE \\\"public\\\".\\\"orders\\\" column \\\"note\\\"");
        assertThat(production.query(
                        "shop",
                        "select count(*) from information_schema.columns where table_schema = 'public'"
                                + " and column_name <> 'id'"))
                .isEqualTo("0");
    }

    /** Spring Boot migrated the restored database in its test, and production has not changed. */
    private void ofSpringBoot(Path example) throws IOException {
        passes(withServer(example, production.superuser()), "mvn verify");

        assertThat(example.resolve("target/verify-backup/rehearsal.json"))
                .content()
                .contains("V1__add_note.sql", "public.orders");
        assertThat(example.resolve("target/failsafe-reports/TEST-org.example.shop.OrdersIT.xml"))
                .content()
                .contains("tests=\"1\"", "failures=\"0\"", "errors=\"0\"");
        assertThat(production.query(
                        "shop", "select count(*) from information_schema.columns where column_name = 'note'"))
                .isEqualTo("0");
    }

    private void ofYaml(Path example, String pipeline) throws IOException {
        Object yaml =
                new Load(LoadSettings.builder().build()).loadFromString(Files.readString(example.resolve(pipeline)));
        runs(example, new ArrayList<>(DocumentedCommandsIT.commandsIn(yaml)));
    }

    /** The commands of a pipeline, with its credentials in the environment. */
    private void runs(Path example, List<String> commands) throws IOException {
        assertThat(commands).singleElement().asString().startsWith("mvn ");
        passes(
                build(example)
                        .environment("PGBACKUP_USER", production.superuser())
                        .environment("PGBACKUP_PASSWORD", production.password()),
                commands.get(0));
    }

    private static Path copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(from.relativize(file).toString()));
            }
        }
        return to;
    }
}
