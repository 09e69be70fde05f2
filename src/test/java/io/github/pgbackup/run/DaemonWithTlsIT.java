package io.github.pgbackup.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgbackup.test.Archives;
import io.github.pgbackup.test.Certificates;
import io.github.pgbackup.test.Docker;
import io.github.pgbackup.test.ProductionServer;
import io.github.pgbackup.test.Programs;
import io.github.pgbackup.test.SecondDaemon;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The container engine with a Docker daemon that verifies its clients and is itself verified. */
final class DaemonWithTlsIT {

    @TempDir
    private static Path shared;

    private static Certificates authority;
    private static SecondDaemon daemon;
    private static Path archive;

    @TempDir
    private Path directory;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        Docker.require(15);
        authority = Certificates.of(shared.resolve("authority"))
                .issue("server", "IP:" + SecondDaemon.TLS_ADDRESS)
                .issue("client", "DNS:client");
        daemon = SecondDaemon.startWithTls(
                Files.createDirectory(shared.resolve("docker")), "postgres:15", authority, "server");
        Path bin = Programs.ofMajor(15).bin();
        try (ProductionServer production = ProductionServer.start(bin)) {
            production.createDatabase("shop");
            production.execute("shop", "create table orders as select generate_series(1, 1000) id");
            archive = new Archives(bin, production).dump("shop", shared.resolve("shop.dump"), "-Fc");
        }
    }

    @AfterAll
    static void stop() {
        if (daemon != null) {
            daemon.close();
        }
    }

    /** The files that {@code docker} reads from {@code DOCKER_CERT_PATH}. */
    private Path certificates(Certificates trusted, Certificates client) throws IOException {
        Files.copy(trusted.authority(), directory.resolve("ca.pem"));
        Files.copy(client.certificate("client"), directory.resolve("cert.pem"));
        Files.copy(client.key("client"), directory.resolve("key.pem"));
        return directory;
    }

    /** Runs in a new JVM with these environment variables. */
    private String run(String host, Path certificates) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        "-Djava.io.tmpdir=" + System.getProperty("java.io.tmpdir"),
                        VerificationProgram.class.getName(),
                        directory.resolve("evidence").toString(),
                        "archive.file=" + archive,
                        "restore.engine=container")
                .redirectErrorStream(true);
        builder.environment()
                .putAll(Map.of(
                        "DOCKER_HOST", host, "DOCKER_TLS_VERIFY", "1", "DOCKER_CERT_PATH", certificates.toString()));
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return output;
    }

    @Test
    void an_archive_is_restored_there_and_nothing_is_left() throws Exception {
        assertThat(run(daemon.tlsHost(), certificates(authority, authority))).contains("PASS ");
        assertThat(daemon.docker("ps", "--all", "--quiet")).isEmpty();
        assertThat(daemon.docker("volume", "ls", "--quiet")).isEmpty();
    }

    private static String refusal(String why) {
        return "NOT_VERIFIED <restore><engine>container (-Dpgbackup.restore.engine) needs a Docker daemon, but none answers: "
                + why + ".\nStart Docker, let this user reach its socket, or name another daemon in DOCKER_HOST. See"
                + " docs/ci.md#docker.\n";
    }

    @Test
    void a_daemon_certified_by_another_authority_is_refused() throws Exception {
        Certificates other = Certificates.of(directory.resolve("other"));

        assertThat(run(daemon.tlsHost(), certificates(other, authority)))
                .isEqualTo(refusal(daemon.tlsHost() + ": PKIX path validation failed:"
                        + " java.security.cert.CertPathValidatorException: Path does not chain with any of the trust"
                        + " anchors"));
    }

    @Test
    void the_daemon_refuses_a_client_certified_by_another_authority() throws Exception {
        Certificates other = Certificates.of(directory.resolve("other")).issue("client", "DNS:client");

        assertThat(run(daemon.tlsHost(), certificates(authority, other)))
                .satisfiesAnyOf(
                        said -> assertThat(said)
                                .endsWith(refusal("x").substring(refusal("x").indexOf("x.\n") + 1))
                                .contains(" (a daemon that does not accept the certificate of its client ends the"
                                        + " connection)"),
                        said -> assertThat(said).contains("bad_certificate"));
    }

    /** A machine with the authority's certificate for another name must not be accepted as the daemon. */
    @Test
    void a_daemon_with_a_certificate_for_another_name_is_refused() throws Exception {
        String host = daemon.tlsHost().replace(SecondDaemon.TLS_ADDRESS, SecondDaemon.OTHER_ADDRESS);

        assertThat(run(host, certificates(authority, authority)))
                .isEqualTo(refusal(host + ": No subject alternative names matching IP address "
                        + SecondDaemon.OTHER_ADDRESS + " found"));
    }

    @Test
    void an_unknown_host_name_is_reported() throws Exception {
        String host = "tcp://pgbackup-daemon.invalid:2376";

        assertThat(run(host, certificates(authority, authority))).isEqualTo(refusal(host + ": its name is not known"));
    }
}
