package io.github.pgbackup.mojo;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Configuration that Maven silently ignores or merges into something else; the goal reports it before it connects. */
final class StrictConfigurationInMavenIT {

    private static final String SOURCE = "<source><url>jdbc:postgresql://127.0.0.1:1/shop</url></source>";
    private static final String BOTH =
            "<expectations>%s<table><name>public.a</name><rows>1</rows></table><table><name>public.b</name></table></expectations>";

    @TempDir
    private Path project;

    private MavenBuild build(String configuration) {
        return new MavenBuild(project).configuration(SOURCE + configuration);
    }

    private static String problems(MavenBuild.Result result) {
        String error = result.error();
        assertThat(error).startsWith("verify-backup: NOT_VERIFIED, nothing is known about the backup:\n");
        return error.lines()
                .filter(line -> !line.startsWith("verify-backup: ") && !line.startsWith("Report: "))
                .map(String::strip)
                .filter(line -> !line.startsWith("The configuration has ") && !line.startsWith("Every tag, "))
                .reduce((a, b) -> a + "\n" + b)
                .orElse("");
    }

    /** No server answers here, so the configuration was accepted. */
    private static void assertTaken(MavenBuild.Result result) {
        assertThat(result.error())
                .contains("No PostgreSQL server can be reached at 127.0.0.1:1: it refused the connection.");
    }

    @Test
    void attributes_are_reported_at_every_level_except_those_of_maven() {
        assertThat(problems(build("""
                                <identity database="shop"/>
                                <timeout unit="min">PT1M</timeout>
                                <outputDirectory mode="0700">${project.build.directory}/verify-backup</outputDirectory>
                                <expectations combine.children="append"><table rows="5"><name>a.b</name></table></expectations>
                                """).run("verify"))).isEqualTo("""
                        - <expectations><table> of 'a.b' has the attribute 'rows', which has no effect; write the tag <rows> or remove it.
                        - <identity> has the attribute 'database', which has no effect; write the tag <database> or remove it.
                        - <timeout> has the attribute 'unit', which has no effect; write the tag <unit> or remove it.
                        - <outputDirectory> has the attribute 'mode', which has no effect; write the tag <mode> or remove it.""");
    }

    /** Maven uses the last of several. */
    @Test
    void repeated_tags_are_reported() {
        assertThat(problems(build("""
                                <identity><database>shop</database></identity>
                                <identity><role>me</role></identity>
                                <expectations><table><name>a.b</name></table></expectations>
                                <expectations><table><name>c.d</name></table></expectations>
                                <timeout>PT1M</timeout><timeout>PT2M</timeout>
                                """).run("verify"))).isEqualTo("""
                        - <identity> is given 2 times; expected one.
                        - <expectations> is given 2 times; expected one.
                        - <timeout> is given 2 times; expected one.""");
    }

    /** After the merge with the child's tag, the parent's second one is not in the result. */
    @Test
    void repeated_tags_of_a_parent_are_reported() {
        new MavenBuild(project)
                .configuration(
                        SOURCE + "<identity><database>shop</database></identity><identity><role>me</role></identity>");
        MavenBuild child = child("<identity><superuser>true</superuser></identity>");

        assertThat(problems(child.run("verify"))).isEqualTo("- <identity> is given 2 times; expected one.");
    }

    @Test
    void an_unset_property_is_reported() {
        assertThat(problems(build("<expectations><table><name>public.${table}</name></table></expectations>")
                        .run("verify")))
                .isEqualTo(
                        "- <expectations><table><name> contains ${table}, but no such property is set; to use the text literally, move this expectation to a file of <expectationsFiles>"
                                + " (-Dpgbackup.expectationsFiles), where Maven replaces nothing.");
    }

    @Test
    void expectations_that_maven_merges_into_one_another_are_reported() {
        new MavenBuild(project).configuration(SOURCE + BOTH.formatted(""));
        MavenBuild child = child("<expectations><table><name>public.c</name></table></expectations>");

        assertThat(problems(child.run("verify")))
                .isEqualTo(
                        "- <expectations> is written in child's POM and in app's POM, and Maven merges such lists element by"
                                + " element: <table> 'public.a' of app's POM is lost; <table> 'public.b' of app's POM is lost;"
                                + " <table> 'public.c' is given the <rows> of another. To add to the inherited list write"
                                + " <expectations combine.children=\"append\">, to replace it <expectations"
                                + " combine.self=\"override\">, or keep them in files, which are always added:"
                                + " <expectationsFiles>, -Dpgbackup.expectationsFiles.");
    }

    @Test
    void expectations_of_an_execution_that_maven_merges_into_those_of_the_plugin_are_reported() {
        assertThat(problems(new MavenBuild(project)
                        .pom("<packaging>pom</packaging><build><plugins>"
                                + MavenBuild.plugin("", SOURCE + BOTH.formatted(""))
                                        .replace(
                                                "</goals>",
                                                "</goals><configuration><expectations><table><name>public.c</name></table>"
                                                        + "</expectations></configuration>")
                                + "</plugins></build>")
                        .run("verify")))
                .startsWith(
                        "- <expectations> is written in app's POM, execution 'default' and in app's POM, and Maven merges"
                                + " such lists element by element: <table> 'public.a' of app's POM is lost; ");
    }

    @Test
    void expectations_that_are_added_or_replaced_on_purpose_are_accepted() {
        new MavenBuild(project).configuration(SOURCE + BOTH.formatted(""));

        assertTaken(
                child("<expectations combine.children=\"append\"><table><name>public.c</name></table></expectations>")
                        .run("verify"));
        assertTaken(child("<expectations combine.self=\"override\"><table><name>public.c</name></table></expectations>")
                .run("verify"));
        assertTaken(child("").run("verify"));
    }

    /** A child that changes what one table must contain. */
    @Test
    void an_expectation_that_a_child_overrides_is_accepted() {
        new MavenBuild(project)
                .configuration(
                        SOURCE + "<expectations><table><name>public.${t}</name><rows>1</rows></table></expectations>");

        assertTaken(child("<expectations><table><name>public.a</name><rows>2</rows></table></expectations>")
                .run("verify", "-Dt=a"));
    }

    private MavenBuild child(String configuration) {
        MavenBuild child = new MavenBuild(project.resolve("child"));
        String plugin = MavenBuild.plugin("", configuration);
        return child.file("pom.xml", """
                <project xmlns="http://maven.apache.org/POM/4.0.0">
                    <modelVersion>4.0.0</modelVersion>
                    <parent>
                        <groupId>org.example</groupId>
                        <artifactId>app</artifactId>
                        <version>1</version>
                    </parent>
                    <artifactId>child</artifactId>
                    <packaging>pom</packaging>
                    <build><plugins>%s</plugins></build>
                </project>
                """.formatted(plugin));
    }
}
