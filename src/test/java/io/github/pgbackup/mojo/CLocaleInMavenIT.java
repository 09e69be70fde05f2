package io.github.pgbackup.mojo;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgbackup.test.ProductionServer;
import java.nio.file.Path;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** In the C locale, which most containers use, Java cannot use characters outside ASCII in file names or arguments. */
@Timeout(180)
final class CLocaleInMavenIT {

    @AutoClose
    private static final ProductionServer PRODUCTION = ProductionServer.start();

    @TempDir
    private Path project;

    @Test
    void a_database_with_a_non_ascii_name_is_verified() {
        PRODUCTION.createDatabase("Ünï");
        PRODUCTION.execute("Ünï", """
                create role "Jörg";
                create table "Größe" as select '日本' as v;
                alter table "Größe" owner to "Jörg";
                """);

        MavenBuild.Result result = new MavenBuild(project)
                .source(PRODUCTION, "%C3%9Cn%C3%AF", "<comparison>content</comparison>")
                .environment("LC_ALL", "C")
                .run("verify");

        assertThat(result.status()).as(result.output()).isZero();
        assertThat(result.output()).contains("PASS");
        assertThat(project.resolve("target/verify-backup/dump")).isNotEmptyDirectory();
    }
}
