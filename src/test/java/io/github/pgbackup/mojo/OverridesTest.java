package io.github.pgbackup.mojo;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgbackup.handover.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class OverridesTest {

    private static final String SECRET = "jdbc:postgresql://production/shop?password=secret";
    private static final String TAG = "<rehearsal><handOver> (-Dpgbackup.rehearsal.handOver)";

    @TempDir
    private Path directory;

    private List<String> problems(
            Tool tool, Map<String, String> environment, Map<String, String> commandLine, Map<String, String> project) {
        return new Overrides(environment, commandLine, project, Map.of(), directory).problems(Set.of(tool));
    }

    private List<String> problemsOfTag(Tool tool, String tag, String value) {
        return new Overrides(
                        Map.of(),
                        Map.of(),
                        Map.of(),
                        Map.of(tool.plugin(), List.of(Map.of(tag, List.of(value)))),
                        directory)
                .problems(Set.of(tool));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "FLYWAY_URL",
                "flyway.url",
                "Flyway_Url",
                "FLYWAY_USER",
                "FLYWAY_PASSWORD",
                "FLYWAY_DRIVER",
                "FLYWAY_JDBC_PROPERTIES_SOCKETFACTORY",
                "FLYWAY_ENVIRONMENT",
                "FLYWAY_ENVIRONMENTS_PROD_URL",
                "environments.tempConfigEnvironment.url"
            })
    void a_setting_that_decides_where_flyway_connects_is_refused_wherever_it_overrides(String name) {
        assertThat(problems(Tool.FLYWAY, Map.of(name, SECRET), Map.of(), Map.of()))
                .containsExactly("The environment variable " + name + " is set, which flyway prefers to what " + TAG
                        + " hands over: it could migrate another database. Unset it for this build.");
        assertThat(problems(Tool.FLYWAY, Map.of(), Map.of(name, SECRET), Map.of()))
                .containsExactly("The property " + name + " is given to Maven (-D" + name
                        + "), and flyway prefers it to"
                        + " what " + TAG + " hands over: it could migrate another database. Leave it out; a property of"
                        + " the POM (<properties>) can stay.");
        assertThat(problems(Tool.FLYWAY, Map.of(), Map.of(), Map.of(name, SECRET)))
                .isEmpty();
        assertThat(problems(Tool.LIQUIBASE, Map.of(name, SECRET), Map.of(), Map.of()))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "LIQUIBASE_URL",
                "liquibase.url",
                "LIQUIBASE_COMMAND_URL",
                "LIQUIBASE_COMMAND_UPDATE_URL",
                "liquibase.command.username",
                "LIQUIBASE_COMMAND_PASSWORD",
                "liquibase.server"
            })
    void a_setting_that_decides_where_liquibase_connects_is_refused(String name) {
        assertThat(problems(Tool.LIQUIBASE, Map.of(name, SECRET), Map.of(), Map.of()))
                .hasSize(1);
        assertThat(problems(Tool.LIQUIBASE, Map.of(), Map.of(name, SECRET), Map.of()))
                .hasSize(1);
        assertThat(problems(Tool.FLYWAY, Map.of(name, SECRET), Map.of(), Map.of()))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "FLYWAY_LOCATIONS",
                "FLYWAY_SCHEMAS",
                "flyway.table",
                "PATH",
                "LIQUIBASE_LOG_LEVEL",
                "FLYWAY_HOME"
            })
    void other_settings_are_accepted(String name) {
        for (Tool tool : Tool.values()) {
            assertThat(problems(tool, Map.of(name, "x"), Map.of(name, "x"), Map.of(name, "x")))
                    .isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "flyway.url=%s",
                "  flyway.user : %s",
                "[environments.production]",
                "[environments.production]\nurl = \"%s\"",
                "url=%s",
                "# a comment\n\nflyway.jdbcProperties.user=%s"
            })
    void a_file_that_decides_where_flyway_connects_is_refused(String text) throws IOException {
        Files.writeString(directory.resolve("flyway.production.conf"), text.formatted(SECRET));
        String name = "flyway.production.conf";

        for (List<String> problems : List.of(
                problems(Tool.FLYWAY, Map.of("FLYWAY_CONFIG_FILES", "other.conf, " + name), Map.of(), Map.of()),
                problems(Tool.FLYWAY, Map.of(), Map.of("flyway.configFiles", name), Map.of()),
                problems(Tool.FLYWAY, Map.of(), Map.of(), Map.of("flyway.configFiles", name)),
                problemsOfTag(Tool.FLYWAY, "configFiles", name))) {
            assertThat(problems)
                    .singleElement()
                    .asString()
                    .startsWith("The configuration file " + name)
                    .doesNotContain("secret");
        }
    }

    @Test
    void a_file_without_a_url_is_accepted() throws IOException {
        Files.writeString(directory.resolve("flyway.conf"), "flyway.schemas=a,b\n#flyway.url=" + SECRET + "\n");

        assertThat(problems(Tool.FLYWAY, Map.of(), Map.of("flyway.configFiles", "flyway.conf,none.conf"), Map.of()))
                .isEmpty();
    }

    @Test
    void standard_input_is_refused_because_it_cannot_be_read_in_advance() {
        assertThat(problems(Tool.FLYWAY, Map.of("FLYWAY_CONFIG_FILES", "-"), Map.of(), Map.of()))
                .hasSize(1);
    }

    @Test
    void tags_are_refused_if_a_property_does_not_override_them() {
        for (String tag : List.of("url", "username", "password", "server")) {
            assertThat(problemsOfTag(Tool.LIQUIBASE, tag, SECRET))
                    .containsExactly("<" + tag
                            + "> is in the <configuration> of liquibase-maven-plugin, which liquibase"
                            + " prefers to what " + TAG + " hands over: it could migrate another database. Move it to"
                            + " the POM's <properties>, as <liquibase." + tag + ">.");
        }
        assertThat(problemsOfTag(Tool.LIQUIBASE, "url", "${liquibase.url}")).isEmpty();
        assertThat(problemsOfTag(Tool.LIQUIBASE, "url", "${pgbackup.restored.url}"))
                .isEmpty();
        assertThat(problemsOfTag(Tool.FLYWAY, "url", SECRET)).isEmpty();
        assertThat(problemsOfTag(Tool.FLYWAY, "serverId", "production")).hasSize(1);
    }

    @Test
    void properties_that_override_the_handed_over_ones_are_refused_even_without_a_tool() {
        assertThat(new Overrides(Map.of(), Map.of("pgbackup.restored.url", SECRET), Map.of(), Map.of(), directory)
                        .problems(Set.of()))
                .containsExactly("-Dpgbackup.restored.url is given, and would override what start hands over."
                        + " Leave it out.");
    }
}
