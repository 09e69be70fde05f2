package io.github.pgbackup.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgbackup.evidence.VerificationReport;
import io.github.pgbackup.test.Certificates;
import io.github.pgbackup.test.ProductionServer;
import io.github.pgbackup.test.Programs;
import java.nio.file.Path;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A source that only accepts TLS, with a certificate for the name {@code localhost}, and not for 127.0.0.1. */
final class EncryptedSourceIT {

    @TempDir
    private static Path certificates;

    @AutoClose
    private static ProductionServer production;

    private static Certificates authority;

    @TempDir
    private Path directory;

    @BeforeAll
    static void start() {
        authority = Certificates.of(certificates.resolve("authority")).issue("server", "DNS:localhost");
        production = ProductionServer.start(
                Programs.newest().bin(),
                "postgres",
                "ssl=on",
                "ssl_cert_file=" + authority.certificate("server"),
                "ssl_key_file=" + authority.keyOfServer("server"),
                "log_connections=on");
        production.createDatabase("shop");
        production.execute("shop", "create table orders as select generate_series(1, 10) id");
        production.execute("postgres", """
                do $$ begin execute format('copy (select %L) to %L', 'hostssl all all 127.0.0.1/32 scram-sha-256',
                    current_setting('hba_file')); perform pg_reload_conf(); end $$""");
    }

    private VerificationRun run(String host, String parameters) {
        return VerificationRun.of(production, "shop", directory)
                .with("source.url", "jdbc:postgresql://" + host + ":" + production.port() + "/shop?" + parameters);
    }

    @Test
    void every_session_and_pg_dump_verify_authority_and_name() {
        VerificationReport report = run("localhost", "sslmode=verify-full&sslrootcert=" + authority.authority())
                .run();

        VerificationRun.assertPassed(report);
        assertThat(production.log().lines())
                .filteredOn(
                        line -> line.contains("connection authorized") && line.contains("application_name=pgbackup"))
                .as("pg_dump, which tells its name while it connects")
                .isNotEmpty()
                .allMatch(line -> line.contains("SSL enabled"));
    }

    private static final String REMEDY =
            "\nCheck sslmode, sslrootcert, sslcert and sslkey in <source><url> (-Dpgbackup.source.url).";

    /** There is no second attempt, because it would fail in the same way. */
    @Test
    void a_host_name_that_the_certificate_lacks_is_refused() {
        VerificationRun run = run("127.0.0.1", "sslmode=verify-full&sslrootcert=" + authority.authority())
                .with("retries", "3");

        assertThat(run.run().problemText())
                .isEqualTo("The certificate of the server at 127.0.0.1:" + production.port()
                        + " is for another host name." + REMEDY);
        assertThat(run.log()).noneMatch(line -> line.contains("gain"));
    }

    @Test
    void a_certificate_of_another_authority_is_refused() {
        Certificates other = Certificates.of(certificates.resolve("other"));

        assertThat(run("localhost", "sslmode=verify-full&sslrootcert=" + other.authority())
                        .run()
                        .problemText())
                .isEqualTo("The certificate of the server at localhost:" + production.port()
                        + " is not signed by an authority that is trusted here, or it is not valid: PKIX path validation"
                        + " failed: java.security.cert.CertPathValidatorException: Path does not chain with any of the"
                        + " trust anchors." + REMEDY);
    }

    @Test
    void a_session_without_encryption_is_refused_by_the_server() {
        assertThat(run("localhost", "sslmode=disable").run().problemText())
                .startsWith("The server at localhost:" + production.port() + " does not let role `postgres` connect to"
                        + " database `shop` from here: no pg_hba.conf entry for host \"127.0.0.1\", user \"postgres\","
                        + " database \"shop\", no encryption.\n");
    }
}
