package io.github.pgbackup.mojo;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgbackup.test.ProductionServer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several databases in one build: no execution deletes the evidence of another. */
final class SeveralExecutionsInMavenIT {

    private static final ProductionServer PRODUCTION = ProductionServer.shared();

    @TempDir
    private Path project;

    @BeforeAll
    static void createDatabases() {
        for (String name : new String[] {"first_of_two", "second_of_two"}) {
            PRODUCTION.createDatabase(name);
            PRODUCTION.execute(name, "CREATE TABLE t AS SELECT id FROM generate_series(1, 10) id");
        }
    }

    private MavenBuild build(String executions, String more) {
        return new MavenBuild(project)
                .server("production", PRODUCTION.superuser(), PRODUCTION.password())
                .pom("<packaging>pom</packaging><build><plugins>"
                        + MavenBuild.plugin("", more)
                                .replaceFirst(
                                        "(?s)<executions>.*</executions>",
                                        "<executions>" + executions + "</executions>")
                        + "</plugins></build>");
    }

    private static String execution(String id, String database) {
        return """
                <execution>%s<phase>verify</phase><goals><goal>verify-backup</goal></goals>
                    <configuration><source><url>%s</url><serverId>production</serverId></source></configuration>
                </execution>
                """.formatted(id.isEmpty() ? "" : "<id>" + id + "</id>", PRODUCTION.url(database));
    }

    private static String databaseOf(Path evidence) throws Exception {
        String json = Files.readString(evidence.resolve("verification.json"));
        assertThat(json).contains("\"verdict\": \"PASS\"");
        return json.replaceFirst("(?s).*?\"database\": \"(\\w+)\".*", "$1");
    }

    @Test
    void each_has_a_folder_with_its_id_and_the_one_without_an_id_keeps_the_default() throws Exception {
        MavenBuild build = build(execution("", "first_of_two") + execution("second", "second_of_two"), "");

        MavenBuild.Result result = build.run("verify");

        assertThat(result.output()).contains("BUILD SUCCESS");
        assertThat(databaseOf(project.resolve("target/verify-backup"))).isEqualTo("first_of_two");
        assertThat(databaseOf(project.resolve("target/verify-backup-second"))).isEqualTo("second_of_two");
        assertThat(build.run(MavenBuild.goal("check-evidence") + "@second").output())
                .containsPattern("check-evidence: PASS, database second_of_two, .*/target/verify-backup-second");
    }

    @Test
    void a_single_execution_keeps_the_default_folder_whatever_its_id() throws Exception {
        assertThat(build(execution("second", "second_of_two"), "").run("verify").output())
                .contains("BUILD SUCCESS");
        assertThat(databaseOf(project.resolve("target/verify-backup"))).isEqualTo("second_of_two");
    }

    @Test
    void a_second_execution_with_the_same_folder_is_refused() throws Exception {
        MavenBuild.Result result = build(
                        execution("first", "first_of_two") + execution("second", "second_of_two"),
                        "<outputDirectory>${project.build.directory}/verify-backup</outputDirectory>")
                .run("verify");

        assertThat(result.error()).isEqualTo("""
                        verify-backup: NOT_VERIFIED, nothing is known about the backup:
                          The evidence folder target/verify-backup holds the evidence of execution 'first' of app, written in this build; execution 'second' of app would delete it.
                          Give each <execution> an <id> and leave out <outputDirectory> (-Dpgbackup.outputDirectory), so that each has a folder of its own, or name another folder in the <configuration> of each. See docs/configuration.md#several-databases-in-one-build.""");
        assertThat(databaseOf(project.resolve("target/verify-backup"))).isEqualTo("first_of_two");
    }
}
