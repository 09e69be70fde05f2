package io.github.pgbackup.mojo;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgbackup.test.Archives;
import io.github.pgbackup.test.ProductionServer;
import io.github.pgbackup.test.Programs;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The ways to run the goal. */
final class MavenInvocationIT {

    private static final ProductionServer PRODUCTION = ProductionServer.shared();

    @TempDir
    private Path project;

    @BeforeAll
    static void createDatabase() {
        PRODUCTION.createDatabase("library");
        PRODUCTION.execute("library", "CREATE TABLE books AS SELECT id FROM generate_series(1, 10) id");
    }

    private MavenBuild build() {
        return new MavenBuild(project).server("production", PRODUCTION.superuser(), PRODUCTION.password());
    }

    private static MavenBuild.Result runByProperties(MavenBuild build) {
        return build.run(
                MavenBuild.goal("verify-backup"),
                "-Dpgbackup.source.url=" + PRODUCTION.url("library"),
                "-Dpgbackup.source.serverId=production",
                "-Dpgbackup.backup.format=directory");
    }

    private static void assertPassed(MavenBuild.Result result) {
        assertThat(result.output()).contains("BUILD SUCCESS");
        assertThat(result.warnings()).isEmpty();
        assertThat(result.evidence("SUMMARY.txt")).startsWith("verify-backup: PASS\n");
        assertThat(result.build().evidence().resolve("dump"))
                .isDirectoryRecursivelyContaining("glob:**/library_*.dir/toc.dat");
    }

    @Test
    void by_properties_alone_in_a_project_without_the_plugin() {
        assertPassed(runByProperties(build().pom("<packaging>pom</packaging>")));
    }

    @Test
    void by_properties_alone_in_a_directory_without_a_pom() {
        assertPassed(runByProperties(build()));
    }

    @Test
    void an_archive_by_properties_alone_in_a_directory_without_a_pom() throws Exception {
        Programs programs = Programs.newest();
        Path archive = new Archives(programs.bin(), PRODUCTION).dump("library", project.resolve("library.dump"), "-Fc");
        Archives.pack(archive, ".zst", "zstd", "-c");
        Files.delete(archive);

        MavenBuild.Result result = build().run(MavenBuild.goal("verify-backup"), "-Dpgbackup.archive.file=*.zst");

        assertThat(result.output())
                .contains("BUILD SUCCESS")
                .contains("[INFO] PASS: ")
                .contains(", 0 expectations; nothing to compare with\n")
                .contains("[INFO]   baseline none, restored as archived: 10 rows in 1 table, ");
        assertThat(result.warnings()).isEmpty();
        assertThat(result.evidence("verification.json")).contains("\"baseline\": \"none\"");
        assertThat(project.resolve("library.dump.zst")).exists();
    }

    @Test
    void help_lists_each_parameter_with_its_property_and_default() {
        assertThat(build().run(MavenBuild.goal("help"), "-Dgoal=verify-backup", "-Ddetail")
                        .output())
                .contains("<outputDirectory> (directory; default: ${project.build.directory}/verify-backup; "
                        + "-Dpgbackup.outputDirectory; since 1.0.0)")
                .contains("<failOnViolation> (true or false; default: true; -Dpgbackup.failOnViolation; since 1.0.0)")
                .contains(
                        "    <restore><engine> (auto, container, local; default: auto; -Dpgbackup.restore.engine; since"
                                + " 1.0.0)\n")
                .contains("<expectations><column><values><value><is> (text; required; since 1.0.0)\n")
                .contains("      <source>\n          <url>jdbc:postgresql://db.internal:5432/directus</url>\n")
                .contains("Files with further <expectations>, as capture-expectations writes them.")
                .contains("BUILD SUCCESS");
    }

    @Test
    void help_lists_the_goals_and_refuses_an_unknown_one() {
        assertThat(build().run(MavenBuild.goal("help")).output())
                .contains("\npgbackup:verify-backup\n", "\npgbackup:attach\n", "\npgbackup:help\n", "BUILD SUCCESS")
                .doesNotContain("<source>");
        assertThat(build().run(MavenBuild.goal("help"), "-Dgoal=verify").output())
                .contains(
                        "There is no goal 'verify'. The goals are attach, capture-expectations, check-evidence, help, "
                                + "start, stop, take-backup, test-expectations, verify-backup.");
    }

    @Test
    void a_quiet_build_prints_only_failures() {
        MavenBuild build = build();
        build.option("--quiet");

        assertThat(runByProperties(build.pom("<packaging>pom</packaging>")).output())
                .isBlank();
        assertThat(build.run(MavenBuild.goal("verify-backup")).output().lines())
                .isNotEmpty()
                .allMatch(line -> line.startsWith("[ERROR]") || line.isEmpty());
    }

    @Test
    void in_parallel_in_the_root_module_only() {
        MavenBuild.Result result = modules("<inherited>false</inherited>").run("verify", "-T", "4");

        assertThat(result.output()).contains("BUILD SUCCESS");
        assertThat(result.warnings()).isEmpty();
        assertThat(result.evidence("SUMMARY.txt")).startsWith("verify-backup: PASS\n");
        assertThat(project.resolve("one/target")).doesNotExist();
        assertThat(project.resolve("two/target")).doesNotExist();
    }

    @Test
    void in_parallel_in_every_module() {
        MavenBuild.Result result = modules("").run("verify", "-T", "4");

        assertThat(result.output()).contains("BUILD SUCCESS");
        assertThat(result.warnings()).isEmpty();
        assertThat(new String[] {".", "one", "two"})
                .allSatisfy(module -> assertThat(project.resolve(module).resolve("target/verify-backup/SUMMARY.txt"))
                        .content()
                        .startsWith("verify-backup: PASS\n"));
    }

    private MavenBuild modules(String inherited) {
        return build().pom("""
                        <packaging>pom</packaging>
                        <modules>
                            <module>one</module>
                            <module>two</module>
                        </modules>
                        <build>
                            <plugins>
                                %s
                            </plugins>
                        </build>
                        """.formatted(MavenBuild.plugin(inherited, """
                        <source>
                            <url>%s</url>
                            <serverId>production</serverId>
                        </source>
                        """.formatted(PRODUCTION.url("library")))))
                .file("one/pom.xml", module("one"))
                .file("two/pom.xml", module("two"));
    }

    private static String module(String name) {
        return """
                <project xmlns="http://maven.apache.org/POM/4.0.0">
                    <modelVersion>4.0.0</modelVersion>
                    <parent>
                        <groupId>org.example</groupId>
                        <artifactId>app</artifactId>
                        <version>1</version>
                    </parent>
                    <artifactId>%s</artifactId>
                    <packaging>pom</packaging>
                </project>
                """.formatted(name);
    }
}
