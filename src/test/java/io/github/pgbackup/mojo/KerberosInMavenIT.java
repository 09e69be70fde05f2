package io.github.pgbackup.mojo;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgbackup.test.Kerberos;
import io.github.pgbackup.test.ProductionServer;
import io.github.pgbackup.test.Programs;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A source that asks its users for a ticket (GSSAPI), and for no password. */
final class KerberosInMavenIT {

    @TempDir
    private static Path directory;

    @AutoClose
    private static Kerberos kerberos;

    @AutoClose
    private static ProductionServer production;

    @TempDir
    private Path project;

    @BeforeAll
    static void start() throws Exception {
        kerberos = Kerberos.start("verifier");
        production = ProductionServer.start(
                Programs.newest().bin(),
                "postgres",
                "krb_server_keyfile=" + kerberos.serverKeys(),
                "log_connections=on");
        production.createDatabase("shop");
        production.execute("shop", """
                create table orders as select generate_series(1, 10) id;
                create role verifier superuser login""");
        production.execute("postgres", """
                do $$ begin execute format('copy (select %L) to %L',
                    'host all verifier 127.0.0.1/32 gss include_realm=0', current_setting('hba_file'));
                    perform pg_reload_conf(); end $$""");
    }

    private MavenBuild build(String parameters) {
        MavenBuild build = new MavenBuild(project)
                .configuration("<source><url>jdbc:postgresql://localhost:" + production.port() + "/shop" + parameters
                        + "</url></source>")
                .environment("PGBACKUP_USER", "verifier");
        build.environment("MAVEN_OPTS", "-Xmx128m -Djava.io.tmpdir=" + build.temporary() + " " + kerberos.options());
        return build;
    }

    @Test
    void every_session_and_pg_dump_show_a_ticket() {
        MavenBuild build = build("?gssEncMode=require");
        kerberos.environment().forEach(build::environment);

        MavenBuild.Result result = build.run("verify");

        assertThat(result.output()).contains("BUILD SUCCESS");
        assertThat(result.evidence("SUMMARY.txt")).startsWith("verify-backup: PASS\n");
        assertThat(production.log().lines())
                .filteredOn(line -> line.contains("connection authorized: user=verifier"))
                .isNotEmpty()
                .allMatch(line -> line.contains("GSS (authenticated=yes, encrypted=yes"))
                .anyMatch(line -> line.contains("application_name=pgbackup"));
    }

    @Test
    void without_a_ticket_nothing_is_verified() throws Exception {
        MavenBuild build = build("");
        kerberos.environment().forEach(build::environment);
        build.environment("KRB5CCNAME", "FILE:" + Files.createFile(directory.resolve("none")));

        MavenBuild.Result result = build.run("verify");

        assertThat(result.error())
                .startsWith("verify-backup: NOT_VERIFIED")
                .contains("localhost:" + production.port(), "GSS Authentication failed");
    }
}
