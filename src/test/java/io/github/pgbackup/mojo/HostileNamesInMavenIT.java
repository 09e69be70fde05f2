package io.github.pgbackup.mojo;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgbackup.test.HostileDatabase;
import io.github.pgbackup.test.ProductionServer;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** No name of an object adds a line to a build's log, or reaches the terminal that shows it. */
final class HostileNamesInMavenIT {

    @AutoClose
    private static final ProductionServer PRODUCTION = ProductionServer.start();

    @TempDir
    private Path project;

    @BeforeAll
    static void create() {
        HostileDatabase.create(PRODUCTION);
    }

    @Test
    void no_line_of_the_log_is_forged() {
        MavenBuild.Result result = build("").run("verify", "-X");

        assertThat(result.status()).as(result.output()).isZero();
        assertThat(result.output()).containsOnlyOnce("[INFO] BUILD SUCCESS\n");
        assertOneLineEach(result);
    }

    @Test
    void no_line_of_a_failure_is_forged() {
        MavenBuild.Result result = build("""
                <expectations><table><name>odd.plain</name><rows>1</rows></table></expectations>""").run("verify");

        assertThat(result.status()).isOne();
        assertThat(result.output()).doesNotContain("[INFO] BUILD SUCCESS\n");
        assertOneLineEach(result);
    }

    private MavenBuild build(String more) {
        String name = URLEncoder.encode(HostileDatabase.NAME, StandardCharsets.UTF_8)
                .replace("+", "%20")
                .replace("&", "&amp;");
        return new MavenBuild(project).source(PRODUCTION, name, "<comparison>content</comparison>" + more);
    }

    private static void assertOneLineEach(MavenBuild.Result result) {
        assertThat(result.output().replaceAll("\u001b\\[[0-9;]*m", ""))
                .doesNotContainPattern("[\\p{Cntrl}\u202E\u2066\u009b&&[^\n\t]]");
        assertThat(Path.of(HostileDatabase.PWNED)).doesNotExist();
    }
}
