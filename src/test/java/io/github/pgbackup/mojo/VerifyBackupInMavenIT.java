package io.github.pgbackup.mojo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.github.pgbackup.test.Pooler;
import io.github.pgbackup.test.ProductionServer;
import io.github.pgbackup.test.Programs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a person reads if a verification could not run: the whole message that Maven prints, and the evidence. */
final class VerifyBackupInMavenIT {

    private static final ProductionServer PRODUCTION = ProductionServer.shared();

    private static final String SERVER = PRODUCTION.host() + ":" + PRODUCTION.port();

    private static final String TOO_FEW = """
            <expectations><table><name>public.orders</name><rows>1001</rows></table></expectations>""";

    @TempDir
    private Path project;

    @BeforeAll
    static void createDatabase() {
        PRODUCTION.createDatabase("shop");
        PRODUCTION.execute("shop", """
                CREATE TABLE orders (id int PRIMARY KEY, total numeric);
                INSERT INTO orders SELECT id, id FROM generate_series(1, 1000) id;
                CREATE ROLE reader LOGIN PASSWORD 'reader';
                CREATE ROLE tenant LOGIN PASSWORD 'tenant';
                CREATE TABLE invoices (id int PRIMARY KEY, tenant text);
                ALTER TABLE invoices ENABLE ROW LEVEL SECURITY;
                CREATE POLICY own ON invoices USING (tenant = current_user);
                ALTER ROLE reader BYPASSRLS;
                CREATE TABLE suppliers (id int);
                GRANT SELECT ON ALL TABLES IN SCHEMA public TO tenant;
                GRANT SELECT ON orders, invoices TO reader""");
        PRODUCTION.createDatabase("large");
        PRODUCTION.execute("large", """
                CREATE TABLE noise AS SELECT sha512(id::text::bytea) FROM generate_series(1, 300000) id""");
    }

    private MavenBuild shop() {
        return shop("");
    }

    private MavenBuild shop(String more) {
        return new MavenBuild(project).source(PRODUCTION, "shop", more);
    }

    private MavenBuild shop(String user, String password) {
        return new MavenBuild(project)
                .server("shop", user, password)
                .configuration("<source><url>" + PRODUCTION.url("shop") + "</url><serverId>shop</serverId></source>");
    }

    private static void assertNotVerified(MavenBuild.Result result, String problem) {
        assertSaysNotVerified(result, problem);
        assertThat(result.evidence("SUMMARY.txt")).startsWith("verify-backup: NOT_VERIFIED\n");
        assertThat(result.evidence("verification.json")).contains("\"verdict\": \"NOT_VERIFIED\"");
    }

    private static void assertSaysNotVerified(MavenBuild.Result result, String problem) {
        assertThat(result.status()).isEqualTo(1);
        assertThat(result.error())
                .isEqualTo("verify-backup: NOT_VERIFIED, nothing is known about the backup:\n" + problem + "\n"
                        + "Report: target/verify-backup/index.html (as text: SUMMARY.txt)");
        assertThat(result.output())
                .contains("BUILD FAILURE", "MojoExecutionException")
                .doesNotContain("\tat ");
    }

    private static void assertPassed(MavenBuild.Result result) {
        assertThat(result.output()).contains("BUILD SUCCESS");
        assertThat(result.evidence("SUMMARY.txt")).startsWith("verify-backup: PASS\n");
    }

    private static String version(ProductionServer server) {
        return server.query("postgres", "SELECT split_part(current_setting('server_version'), ' ', 1)");
    }

    private static void assumeRoot() {
        assumeThat(System.getProperty("user.name")).as("mounts are for root").isEqualTo("root");
    }

    /** Maven itself says nothing about it, or warns. */
    @Test
    void a_tag_that_matches_no_parameter() {
        assertNotVerified(
                shop("<expectation><table><name>public.orders</name></table></expectation>")
                        .run("verify"),
                """
                          The configuration has a problem:
                          - <configuration> has an unknown tag <expectation>; did you mean <expectations>? Known tags: <archive> <backup> <binDirectory> <boundTo> <comparison> <expectations> <expectationsFiles> <failOnViolation> <history> <identity> <lockWaitTimeout> <maximumBlocking> <maximumSnapshotBlocking> <metricsFile> <onLittleSpace> <outputDirectory> <protectedEnvironments> <reference> <restore> <retries> <retryPause> <signature> <skip> <source> <timeout> <workDirectory>.
                          Every tag, with an example, is listed by mvn pgbackup:help -Ddetail. See docs/parameters.md.\
                        """);
    }

    /** Maven accepts any property. */
    @Test
    void a_property_that_no_goal_reads() {
        MavenBuild.Result result = new MavenBuild(project)
                .run(MavenBuild.goal("verify-backup"), "-Dpgbackup.sorce.url=" + PRODUCTION.url("shop"));

        assertThat(result.warnings())
                .containsExactly("[WARNING] The property pgbackup.sorce.url is unknown and is ignored; did"
                        + " you mean pgbackup.source.url?");
        assertThat(result.error()).contains("<source><url> (-Dpgbackup.source.url) is missing; expected a JDBC URL");
    }

    @Test
    void the_verdict_is_coloured_if_maven_uses_colours() {
        MavenBuild build = new MavenBuild(project);

        assertThat(build.run(MavenBuild.goal("verify-backup"), "-Dstyle.color=always")
                        .output())
                .contains("verify-backup: \u001b[1;31mNOT_VERIFIED\u001b[m");
        assertThat(build.run(MavenBuild.goal("verify-backup")).output())
                .contains("[INFO] verify-backup: NOT_VERIFIED\n");
    }

    @Test
    void a_host_that_refuses_the_connection() {
        assertNotVerified(
                new MavenBuild(project)
                        .configuration("<source><url>jdbc:postgresql://127.0.0.1:1/shop</url></source>")
                        .run("verify"),
                """
                          No PostgreSQL server can be reached at 127.0.0.1:1: it refused the connection.
                          Check host and port in <source><url> (-Dpgbackup.source.url), and that the server listens there.\
                        """);
    }

    @Test
    void an_unknown_host() {
        assertNotVerified(
                new MavenBuild(project)
                        .configuration("<source><url>jdbc:postgresql://db.invalid/shop</url></source>")
                        .run("verify"),
                """
                          No PostgreSQL server can be reached at db.invalid:5432: the host name is unknown.
                          Check host and port in <source><url> (-Dpgbackup.source.url), and that the server listens there.\
                        """);
    }

    @Test
    void a_wrong_password() {
        assertNotVerified(shop("postgres", "wrong").run("verify"), """
                          The server at %s refused the password of role `postgres`, or the role does not exist.
                          Correct it in <source><serverId> (-Dpgbackup.source.serverId), or PGBACKUP_USER and PGBACKUP_PASSWORD in the environment, or ~/.pgpass. PGUSER, PGPASSWORD and PGSERVICE are not read.\
                        """.formatted(SERVER));
    }

    @Test
    void a_missing_database() {
        assertNotVerified(
                new MavenBuild(project).source(PRODUCTION, "shopp", "").run("verify"), """
                          The server at %s has no database `shopp`.
                          Correct the name in <source><url> (-Dpgbackup.source.url).\
                        """.formatted(SERVER));
    }

    @Test
    void a_server_id_that_is_missing_in_settings_xml() {
        assertNotVerified(
                new MavenBuild(project)
                        .configuration(
                                "<source><url>" + PRODUCTION.url("shop") + "</url><serverId>nobody</serverId></source>")
                        .run("verify"),
                """
                          <source><serverId> (-Dpgbackup.source.serverId) is 'nobody', but settings.xml has no <server> with that <id>.
                          Add it to ~/.m2/settings.xml, with <username> and <password>, or leave <serverId> out and set PGBACKUP_USER and PGBACKUP_PASSWORD.\
                        """);
    }

    @Test
    void an_encrypted_password() {
        assertPassed(shop("postgres", new MavenBuild(project).encrypt(PRODUCTION.password()))
                .run("verify"));
    }

    @Test
    void an_encrypted_password_whose_master_password_is_missing() throws IOException {
        String password = new MavenBuild(project).encrypt(PRODUCTION.password());
        Files.delete(project.resolve("settings-security.xml"));

        assertNotVerified(shop("postgres", password).run("verify"), """
                          The password of the <server> 'shop' in settings.xml, which <source><serverId> (-Dpgbackup.source.serverId) names, cannot be decrypted.
                          Check ~/.m2/settings-security.xml, or encrypt it again: mvn --encrypt-password.\
                        """);
    }

    @Test
    void an_encrypted_password_of_another_master_password() {
        String password = new MavenBuild(project).encrypt(PRODUCTION.password());
        new MavenBuild(project).encrypt("again");

        assertNotVerified(shop("postgres", password).run("verify"), """
                          The password of the <server> 'shop' in settings.xml, which <source><serverId> (-Dpgbackup.source.serverId) names, cannot be decrypted.
                          Check ~/.m2/settings-security.xml, or encrypt it again: mvn --encrypt-password.\
                        """);
    }

    @Test
    void user_and_password_from_the_environment() {
        assertPassed(new MavenBuild(project)
                .configuration("<source><url>" + PRODUCTION.url("shop") + "</url></source>")
                .environment("PGBACKUP_USER", PRODUCTION.superuser())
                .environment("PGBACKUP_PASSWORD", PRODUCTION.password())
                .run("verify"));
    }

    @Test
    void a_password_from_the_password_file() throws IOException {
        MavenBuild build = new MavenBuild(project)
                .configuration("<source><url>" + PRODUCTION.url("shop") + "</url></source>")
                .file("pgpass", PRODUCTION.host() + ":*:*:" + PRODUCTION.superuser() + ":" + PRODUCTION.password())
                .environment("PGBACKUP_USER", PRODUCTION.superuser())
                .environment("PGPASSFILE", project.resolve("pgpass").toString());
        Files.setPosixFilePermissions(project.resolve("pgpass"), PosixFilePermissions.fromString("rw-------"));

        assertPassed(build.run("verify"));
    }

    @Test
    void no_pg_dump_on_the_machine() {
        assumeRoot();
        assertNotVerified(
                shop().mounts("mount -t tmpfs none "
                                + PRODUCTION.bin().getParent().getParent())
                        .run("verify"),
                """
                          Found no pg_dump for PostgreSQL %1$s: version %2$d or newer is needed, found none.
                          Install the client programs of PostgreSQL %2$d (Debian: postgresql-client-%2$d), or name their directory: <binDirectory>, -Dpgbackup.binDirectory.\
                        """.formatted(version(PRODUCTION), Programs.newest().major()));
    }

    @Test
    void a_pg_dump_that_is_older_than_the_server() {
        assumeThat(Programs.newest().major()).as("the installed programs").isLessThan(17);
        try (ProductionServer newer =
                ProductionServer.start(Programs.ofMajor(17).bin())) {
            assertNotVerified(
                    new MavenBuild(project).source(newer, "postgres", "").run("verify"),
                    """
                          Found no pg_dump for PostgreSQL %s: version 17 or newer is needed, found %s.
                          Install the client programs of PostgreSQL 17 (Debian: postgresql-client-17), or name their directory: <binDirectory>, -Dpgbackup.binDirectory.\
                        """.formatted(version(newer), version(PRODUCTION) + " in " + PRODUCTION.bin()));
        }
    }

    @Test
    void a_directory_of_programs_without_programs() {
        assertNotVerified(shop().run("verify", "-Dpgbackup.binDirectory=/nowhere"), """
                          Found no working PostgreSQL programs in /nowhere: the directory does not exist.
                          Name the directory that holds PostgreSQL's programs (pg_dump, pg_restore; initdb and postgres for a server) with <binDirectory> or -Dpgbackup.binDirectory.\
                        """);
    }

    @Test
    void a_role_that_cannot_read_a_table() {
        assertNotVerified(shop("reader", "reader").run("verify"), """
                          The source's role does not see everything, so a dump by it would not be complete.
                          Role `reader` cannot read 1 table: public.suppliers.
                          Have a superuser run GRANT pg_read_all_data TO reader (PostgreSQL 14 and newer) or GRANT SELECT ON TABLE.\
                        """);
    }

    @Test
    void a_role_under_row_level_security() {
        assertNotVerified(shop("tenant", "tenant").run("verify"), """
                          The source's role does not see everything, so a dump by it would not be complete.
                          Role `tenant` cannot see every row, because of row-level security, of 1 table: public.invoices.
                          Have a superuser run ALTER ROLE tenant BYPASSRLS, or dump as the tables' owner.\
                        """);
    }

    @Test
    void a_pooler_in_transaction_mode() {
        try (Pooler pooler = Pooler.start(PRODUCTION)) {
            assertNotVerified(
                    new MavenBuild(project)
                            .server("shop", PRODUCTION.superuser(), PRODUCTION.password())
                            .configuration(
                                    "<source><url>" + pooler.url("shop") + "</url><serverId>shop</serverId></source>")
                            .run("verify"),
                    """
                          A connection pooler in transaction mode answers at %s: two of our sessions share one backend, so no snapshot can be held for the dump.
                          Name the server's own address and port in <source><url> (-Dpgbackup.source.url).\
                        """.formatted(pooler.url("").replaceAll(".*//|/$", "")));
        }
    }

    @Test
    void an_output_directory_that_is_a_file() {
        MavenBuild.Result result = shop().file("target/verify-backup", "").run("verify");

        assertThat(result.error()).isEqualTo("""
                        verify-backup: NOT_VERIFIED, nothing is known about the backup:
                          The evidence folder target/verify-backup cannot be written: target/verify-backup is a file.
                          Give a folder that the build can write to and that nothing else uses: <outputDirectory>, -Dpgbackup.outputDirectory.""");
    }

    @Test
    void an_output_directory_that_is_read_only() {
        assumeRoot();
        MavenBuild.Result result = shop().mounts("""
                mkdir -p $project/target
                mount --bind $project/target $project/target
                mount -o remount,ro,bind $project/target""").run("verify");

        assertThat(result.error()).isEqualTo("""
                        verify-backup: NOT_VERIFIED, nothing is known about the backup:
                          The evidence folder target/verify-backup cannot be written: %s: Read-only file system.
                          Give a folder that the build can write to and that nothing else uses: <outputDirectory>, -Dpgbackup.outputDirectory.""".formatted(project.resolve("target/.verify-backup.lock")));
    }

    @Test
    void an_output_directory_with_files_that_no_run_wrote() {
        MavenBuild.Result result =
                shop().file("target/verify-backup/thesis.tex", "").run("verify");

        assertThat(result.error()).isEqualTo("""
                        verify-backup: NOT_VERIFIED, nothing is known about the backup:
                          The evidence folder target/verify-backup holds 'thesis.tex', which no run wrote, and is emptied when a run begins.
                          Give a folder that the build can write to and that nothing else uses: <outputDirectory>, -Dpgbackup.outputDirectory.""");
        assertThat(project.resolve("target/verify-backup/thesis.tex")).exists();
    }

    @Test
    void disks_that_are_too_small_are_reported_before_the_dump() {
        assumeRoot();
        MavenBuild.Result result = new MavenBuild(project)
                .source(PRODUCTION, "large", "")
                .mounts("""
                        mkdir -p $project/target/verify-backup
                        mount -t tmpfs -o size=2m none $project/target/verify-backup
                        mount -t tmpfs -o size=20m none $project/tmp
                        """)
                .run("verify");

        assertThat(result.error()).matches("""
                        verify-backup: NOT_VERIFIED, nothing is known about the backup:
                          The disk is too small: the archive may need \\d MiB \\(the database has \\d\\d MiB\\), but only [12] MiB are free in target/verify-backup\\. \
                        The disk is too small: the restored database may need \\d\\d MiB \\(the database has \\d\\d MiB\\), but only \\d\\d MiB are free in \\S+/tmp\\.
                          Make room there, or use a larger disk: <outputDirectory>, -Dpgbackup\\.outputDirectory\\. \
                        Make room there, or use a larger disk: <workDirectory>, -Dpgbackup\\.workDirectory\\. \
                        If the database is bloated or compresses well, <onLittleSpace>warn \\(-Dpgbackup\\.onLittleSpace\\) continues\\.
                        Report: target/verify-backup/index\\.html \\(as text: SUMMARY\\.txt\\)""");
    }

    @Test
    void a_disk_that_is_too_small_for_the_archive() {
        assumeRoot();
        // The evidence is gone with the mount. If it had not been written, the message would say so.
        assertSaysNotVerified(
                new MavenBuild(project)
                        .source(PRODUCTION, "large", "")
                        .mounts("""
                        mkdir -p $project/target/verify-backup
                        mount -t tmpfs -o size=4m none $project/target/verify-backup
                        """)
                        .run("verify"),
                """
                          The archive target/verify-backup/dump/large_STAMP.dump could not be written: No space left on device.
                          Make room on that disk, or set <outputDirectory> (-Dpgbackup.outputDirectory) to a folder that is writable and has room for the compressed database.\
                        """);
    }

    @Test
    void a_disk_that_is_too_small_for_the_restored_database() {
        assumeRoot();
        MavenBuild.Result result = new MavenBuild(project)
                .source(PRODUCTION, "large", "")
                .mounts("mount -t tmpfs -o size=64m none $project/tmp")
                .run("verify", "-Dpgbackup.failOnViolation=false");

        // Either the server runs into the full disk first, or the watch of the disk ends the restore before it does.
        assertThat(result.error()).matches("""
                        verify-backup: NOT_VERIFIED, nothing is known about the backup:
                          (The disk of the throw-away server is full: .*could not (extend|write).*\\.
                          Make room in the directory for temporary files, or name one that has room for the whole database|\
                        The disk with the restored database is filling up: \\d MiB are free in \\S+/tmp; at least 1 MiB must stay free\\.
                          Make room there, or use a larger disk): <workDirectory>, -Dpgbackup\\.workDirectory\\.
                        Report: target/verify-backup/index\\.html \\(as text: SUMMARY\\.txt\\)""");
        assertThat(result.evidence("SUMMARY.txt")).startsWith("verify-backup: NOT_VERIFIED\n");
    }

    @Test
    void a_disk_that_is_too_small_for_a_server() {
        assumeRoot();
        assertNotVerified(
                shop().mounts("mount -t tmpfs -o size=8m none $project/tmp").run("verify"), """
                          The disk is full: the throw-away server could not start.
                          Make room in the directory for temporary files, or name one that has room for the whole database: <workDirectory>, -Dpgbackup.workDirectory.\
                        """);
    }

    @Test
    void a_run_that_exceeds_its_timeout() {
        assertNotVerified(
                new MavenBuild(project).source(PRODUCTION, "shop", """
                                <expectations><query>
                                    <name>slow</name><sql>select 1 from pg_sleep(60)</sql><returns>1</returns>
                                </query></expectations>""").run("verify", "-Dpgbackup.timeout=PT2S"), """
                          The time-out of 2 s for the whole run has expired.
                          Find the slow stage in the list of stages, or allow more time: <timeout>, -Dpgbackup.timeout.\
                        """);
        assertThat(PRODUCTION.query(
                        "shop", "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'pgbackup'"))
                .isEqualTo("0");
    }

    @Test
    void two_runs_at_once_with_one_output_directory() {
        MavenBuild slow = new MavenBuild(project).source(PRODUCTION, "shop", """
                <expectations><query>
                    <name>slow</name><sql>select 1 from pg_sleep(3)</sql><returns>1</returns>
                </query></expectations>""");
        try (MavenBuild.Running first = slow.start("verify")) {
            first.awaitLine(line -> line.endsWith("] dump"));
            MavenBuild.Result second = slow.run("verify");

            assertThat(second.error()).isEqualTo("""
                        verify-backup: NOT_VERIFIED, nothing is known about the backup:
                          Another run is writing its evidence to target/verify-backup.
                          Wait for it, or give this run its own folder: <outputDirectory>, -Dpgbackup.outputDirectory.""");
            assertPassed(first.result());
        }
    }

    @Test
    void two_runs_at_once_with_separate_output_directories() {
        List<MavenBuild.Running> builds = List.of(
                shop().start("verify", "-Dpgbackup.outputDirectory=target/first"),
                shop().start("verify", "-Dpgbackup.outputDirectory=target/second"));

        assertThat(builds)
                .allSatisfy(build -> assertThat(build.result().output()).contains("BUILD SUCCESS"));
        assertThat(List.of("first", "second"))
                .allSatisfy(name -> assertThat(
                                project.resolve("target").resolve(name).resolve("SUMMARY.txt"))
                        .content()
                        .startsWith("verify-backup: PASS\n"));
    }

    @Test
    void a_failed_check_fails_the_build() {
        MavenBuild.Result result = shop(TOO_FEW).run("verify");

        assertThat(result.error()).isEqualTo("""
                        verify-backup: FAIL, 1 of 8 checks failed:
                          check                      expected  archive  restored  source
                          -------------------------  --------  -------  --------  ------
                          table public.orders: rows  1001      1000     1000      1000
                            The source says the same; the expectation is outdated or misspelt.
                        Report: target/verify-backup/index.html (as text: SUMMARY.txt)""");
        assertThat(result.output()).contains("BUILD FAILURE", "MojoFailureException");
        assertThat(result.evidence("SUMMARY.txt")).startsWith("verify-backup: FAIL\n");
    }

    @Test
    void a_failed_check_is_a_warning_if_violations_are_tolerated() {
        MavenBuild.Result result = shop(TOO_FEW).run("verify", "-Dpgbackup.failOnViolation=false");

        assertThat(result.output())
                .contains(
                        "BUILD SUCCESS",
                        "[INFO] verify-backup: FAIL, 1 of 8 checks failed\n",
                        "[WARNING]   table public.orders: rows  1001      1000     1000      1000\n",
                        "[WARNING] The build continues: failOnViolation is false (-Dpgbackup.failOnViolation).");
        assertThat(result.evidence("SUMMARY.txt")).startsWith("verify-backup: FAIL\n");
    }
}
