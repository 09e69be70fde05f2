package io.github.pgbackup.mojo;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgbackup.test.ProductionServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The POM and the commands of the README, with a server of this machine in the place of the one that they name. */
final class DocumentedCommandsIT {

    private static final ProductionServer PRODUCTION = ProductionServer.shared();
    private static final Pattern PLUGIN = Pattern.compile("```xml\n(<plugin>.*?</plugin>)\n```", Pattern.DOTALL);
    private static final Pattern COMMAND =
            Pattern.compile("```shell\nmvn (io.github.pgbackup:.*?)\n```", Pattern.DOTALL);

    @TempDir
    private Path project;

    @BeforeAll
    static void createDatabase() {
        PRODUCTION.createDatabase("documented");
        PRODUCTION.execute("documented", "CREATE TABLE tac_logical_unit AS SELECT id FROM generate_series(1, 86) id");
    }

    private static String readme() throws IOException {
        return Files.readString(Path.of("README.md"))
                .replace("jdbc:postgresql://db.internal:5432/directus", PRODUCTION.url("documented"))
                .replace("<database>directus<", "<database>documented<")
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
    void every_command_of_the_readme_that_runs_a_goal_succeeds() throws IOException {
        List<String> commands = COMMAND.matcher(readme())
                .results()
                .map(each -> each.group(1).replace("\\\n", " ").strip())
                .toList();

        assertThat(commands)
                .hasSize(2)
                .allSatisfy(command -> assertThat(new MavenBuild(project)
                                .environment("PGBACKUP_USER", PRODUCTION.superuser())
                                .environment("PGBACKUP_PASSWORD", PRODUCTION.password())
                                .run(command.split("\\s+"))
                                .output())
                        .contains("BUILD SUCCESS"));
    }
}
