package io.github.pgbackup.mojo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonParser;
import io.github.pgbackup.test.ProductionServer;
import io.github.pgbackup.test.Programs;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** The POM and the commands in the documents, with a server on this machine in place of the one that they name. */
final class DocumentedCommandsIT {

    private static final ProductionServer PRODUCTION = ProductionServer.shared();
    private static final Pattern PLUGIN = Pattern.compile("```xml\n(<plugin>.*?</plugin>)\n```", Pattern.DOTALL);
    private static final Pattern COMMAND =
            Pattern.compile("```shell\nmvn (io.github.pgbackup:.*?)\n```", Pattern.DOTALL);

    private static final Pattern BLOCK = Pattern.compile("(?m)^```(\\w+)\n((?s:.*?))^```$");
    private static final Pattern JENKINS_COMMAND = Pattern.compile("sh '(.*?)'");

    /**
     * Commands in the documents that this test does not run: others run them, or they take minutes (SoakIT and the
     * benchmark run elsewhere for a shorter time).
     */
    private static final Set<String> NOT_RUN_HERE = Set.of(
            "mvn -B -ntp -Dmaven.test.skip install", // in ReadmeIT
            "mvn -B -ntp -Pquickstart verify",
            "mvn -B -ntp verify",
            "src/bench/benchmark",
            "mvn -B -ntp verify -Dit.test=SoakIT -Dtest=none -Dsurefire.failIfNoSpecifiedTests=false -Dinvoker.skip"
                    + " -Dpgbackup.soak=50",
            // in Keys, with which the tests of signatures create their keys
            "openssl genpkey -algorithm ed25519 -out backup-evidence.key # or with -aes256, which asks for a passphrase"
                    + " openssl pkey -in backup-evidence.key -pubout -out backup-evidence.pub",
            // in SignedEvidenceInMavenIT and AttachInMavenIT, with the results of their runs
            "mvn " + MavenBuild.goal("check-evidence") + " -Dpgbackup.identity.database=directus"
                    + " -Dpgbackup.demands=<demands.sha256> -Dpgbackup.maximumAge=400d"
                    + " -Dpgbackup.trustedKeys=backup-evidence.pub -Dpgbackup.requireArchive=false"
                    + " -Dpgbackup.outputDirectory=evidence");

    @TempDir
    private Path project;

    @BeforeAll
    static void createDatabase() {
        PRODUCTION.createDatabase("documented");
        PRODUCTION.execute("documented", "CREATE TABLE tac_logical_unit AS SELECT id FROM generate_series(1, 86) id");
    }

    /** Documents of which this test runs every command that runs a goal. */
    private static final List<Path> WITH_GOALS = List.of(Path.of("README.md"), Path.of("docs/expectation-test.md"));

    private static String readme() throws IOException {
        return ofThisMachine(Path.of("README.md"));
    }

    private static String ofThisMachine(Path document) throws IOException {
        return Files.readString(document)
                .replace("jdbc:postgresql://db.internal:5432/directus", PRODUCTION.url("documented"))
                .replace("<database>directus<", "<database>documented<")
                .replace("<role>backup_verifier<", "<role>" + PRODUCTION.superuser() + "<")
                .replace("workflow_admin", PRODUCTION.superuser());
    }

    @Test
    void the_pom_of_the_readme_verifies_a_backup() throws IOException {
        String plugin =
                PLUGIN.matcher(readme()).results().findFirst().orElseThrow().group(1);

        MavenBuild.Result result = new MavenBuild(project)
                .server("directus-backup", PRODUCTION.superuser(), PRODUCTION.password())
                .pom("<packaging>pom</packaging><build><plugins>" + plugin + "</plugins></build>")
                .run("verify");

        assertThat(result.output()).contains("BUILD SUCCESS");
        assertThat(result.evidence("SUMMARY.txt")).contains("table public.tac_logical_unit: rows");
    }

    @Test
    void every_command_that_runs_a_goal_succeeds() throws IOException {
        List<String> commands = new ArrayList<>();
        for (Path document : WITH_GOALS) {
            COMMAND.matcher(ofThisMachine(document))
                    .results()
                    .map(each -> each.group(1).replace("\\\n", " ").strip())
                    .map(command -> command.replace("=/backups", "=" + project.resolve("backups")))
                    .forEach(commands::add);
        }

        assertThat(commands)
                .hasSize(4)
                .allSatisfy(command -> assertThat(new MavenBuild(project)
                                .environment("PGBACKUP_USER", PRODUCTION.superuser())
                                .environment("PGBACKUP_PASSWORD", PRODUCTION.password())
                                .run(command.split("\\s+"))
                                .output())
                        .contains("BUILD SUCCESS"));
    }

    /** The two stages of a pipeline: the first one verifies, the second one has only the evidence. */
    @Test
    void every_command_of_the_guide_for_ci_succeeds() throws IOException {
        List<String> commands = ciCommands();
        assertThat(commands)
                .containsExactly(
                        "mvn -B -ntp verify",
                        "mvn -B -ntp verify -Dpgbackup.backup.keepArchive=never",
                        "mvn -B -ntp verify",
                        "mvn -B pgbackup:check-evidence",
                        "mvn -B " + MavenBuild.goal("check-evidence") + " -Dpgbackup.identity.database=directus"
                                + " -Dpgbackup.demands=\"$AGREED_DEMANDS\" -Dpgbackup.maximumAge=6h"
                                + " -Dpgbackup.outputDirectory=evidence");
        String plugin =
                PLUGIN.matcher(readme()).results().findFirst().orElseThrow().group(1);
        MavenBuild build = new MavenBuild(project)
                .server("directus-backup", PRODUCTION.superuser(), PRODUCTION.password())
                .pom("<packaging>pom</packaging><build><plugins>" + plugin + "</plugins></build>");

        MavenBuild.Result verified = run(build, commands.get(1));
        assertThat(verified.output()).contains("BUILD SUCCESS");
        assertThat(run(build, commands.get(3)).output()).contains("check-evidence: PASS, ");

        MavenBuild release = new MavenBuild(project.resolve("release"));
        Files.move(build.evidence(), project.resolve("release/evidence"));
        String demands = JsonParser.parseString(Files.readString(project.resolve("release/evidence/verification.json")))
                .getAsJsonObject()
                .getAsJsonObject("demands")
                .get("sha256")
                .getAsString();
        String gate = commands.get(4).replace("\"$AGREED_DEMANDS\"", demands).replace("=directus ", "=documented ");
        assertThat(run(release, gate).output()).contains("check-evidence: PASS, ");
    }

    @Test
    void the_pipelines_keep_the_files_that_a_run_writes() throws IOException {
        String guide = Files.readString(Path.of("docs/ci.md"));

        assertThat(Pattern.compile("target/verify-backup/([\\w.-]+)")
                        .matcher(guide)
                        .results())
                .isNotEmpty()
                .allSatisfy(path ->
                        assertThat(Set.of("TEST-verify-backup.xml", "dump")).contains(path.group(1)));
    }

    @Test
    void the_benchmark_runs_and_prints_its_table() throws Exception {
        assumeTrue(System.getenv("CI") != null || Files.exists(Path.of("/usr/bin/time")), "GNU time is not installed");

        ProcessBuilder builder = new ProcessBuilder("src/bench/benchmark", "-n", "1", "tiny").redirectErrorStream(true);
        builder.environment().put("BENCH_REPOSITORY", MavenBuild.repository().toString());
        builder.environment().put("BENCH_MAVEN", MavenBuild.command(project));
        builder.environment().put("BENCH_DIRECTORY", "/tmp");
        builder.environment().put("BENCH_BINDIR", Programs.newest().bin().toString());
        Process benchmark = builder.start();
        String output = new String(benchmark.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(benchmark.waitFor()).as(output).isZero();
        for (String kind : List.of("script", "bare", "rows", "content")) {
            assertThat(output).containsPattern("(?m)^\\| tiny \\| " + kind + " \\| \\d+\\.\\d \\| \\d+\\.\\d\\d \\|");
        }
    }

    @Test
    void every_block_of_commands_in_a_document_runs_in_some_test() throws IOException {
        Set<String> run = new HashSet<>(ciCommands());
        run.addAll(NOT_RUN_HERE);
        for (Path document : WITH_GOALS) {
            COMMAND.matcher(Files.readString(document))
                    .results()
                    .forEach(each -> run.add("mvn " + oneLine(each.group(1))));
        }
        // The same command with another argument.
        run.add("mvn " + MavenBuild.goal("check-evidence") + " -Dpgbackup.identity.database=directus"
                + " -Dpgbackup.demands=<demands.sha256> -Dpgbackup.outputDirectory=evidence");

        List<String> commands = new ArrayList<>();
        blocks(Path.of("README.md"), "shell").forEach(block -> commands.add(oneLine(block)));
        try (Stream<Path> files = Files.list(Path.of("docs"))) {
            for (Path file :
                    files.filter(each -> each.toString().endsWith(".md")).toList()) {
                blocks(file, "shell").forEach(block -> commands.add(oneLine(block)));
            }
        }
        assertThat(commands).hasSizeGreaterThan(6);
        assertThat(run).containsAll(commands);
    }

    private static MavenBuild.Result run(MavenBuild build, String command) {
        return build.run(command.substring("mvn ".length()).split("\\s+"));
    }

    /** Reads all snippets, in order; one that is not well-formed cannot be read. */
    private static List<String> ciCommands() throws IOException {
        Path guide = Path.of("docs/ci.md");
        List<String> commands = new ArrayList<>();
        for (String yaml : blocks(guide, "yaml")) {
            commands.addAll(commandsIn(new Load(LoadSettings.builder().build()).loadFromString(yaml)));
        }
        blocks(guide, "groovy")
                .forEach(groovy ->
                        JENKINS_COMMAND.matcher(groovy).results().forEach(each -> commands.add(each.group(1))));
        blocks(guide, "shell").forEach(shell -> commands.add(oneLine(shell)));
        return commands;
    }

    /** The commands in GitHub's {@code run} and in GitLab's {@code script}. */
    static List<String> commandsIn(Object yaml) {
        List<String> commands = new ArrayList<>();
        if (yaml instanceof Map<?, ?> map) {
            map.forEach((key, value) -> {
                if (key.equals("run")) {
                    commands.add(value.toString());
                } else if (key.equals("script")) {
                    ((List<?>) value).forEach(line -> commands.add(line.toString()));
                } else {
                    commands.addAll(commandsIn(value));
                }
            });
        } else if (yaml instanceof List<?> list) {
            list.forEach(item -> commands.addAll(commandsIn(item)));
        }
        return commands;
    }

    private static List<String> blocks(Path file, String language) throws IOException {
        return BLOCK.matcher(Files.readString(file))
                .results()
                .filter(block -> block.group(1).equals(language))
                .map(block -> block.group(2))
                .toList();
    }

    private static String oneLine(String command) {
        return command.replace("\\\n", " ").strip().replaceAll("\\s+", " ");
    }
}
