package io.github.pgbackup.mojo;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgbackup.signature.Keys;
import io.github.pgbackup.test.ProductionServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A build that signs its evidence, and a release that trusts only signed evidence. */
final class SignedEvidenceInMavenIT {

    private static final ProductionServer PRODUCTION = ProductionServer.shared();
    private static final String SIGNATURE = "<signature><serverId>signing</serverId></signature>";

    @TempDir
    private Path project;

    @BeforeAll
    static void createDatabase() {
        PRODUCTION.createDatabase("vault");
        PRODUCTION.execute("vault", "CREATE TABLE coins AS SELECT id FROM generate_series(1, 10) id");
    }

    @Test
    void evidence_is_signed_with_an_encrypted_key_and_nothing_reveals_key_or_passphrase() throws IOException {
        String pem = Keys.encrypted("-aes-256-cbc", "open sesame");
        String body = pem.lines().skip(1).findFirst().orElseThrow();
        String publicKey = Keys.publicKey(pem, "open sesame");
        MavenBuild build = new MavenBuild(project);
        String passphrase = build.encrypt("open sesame");
        build.file("release.pub", publicKey)
                .serverWithKey("signing", pem, passphrase)
                .source(
                        PRODUCTION,
                        "vault",
                        SIGNATURE + "<trustedKeys><trustedKey>release.pub</trustedKey></trustedKeys>");

        MavenBuild.Result verified = build.run("-X", "verify");

        assertThat(verified.output())
                .contains("BUILD SUCCESS", "The evidence is signed by the key ")
                .doesNotContain(body, "open sesame");
        try (Stream<Path> files = Files.walk(build.evidence())) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                assertThat(new String(Files.readAllBytes(file), java.nio.charset.StandardCharsets.ISO_8859_1))
                        .as("%s", file)
                        .doesNotContain(body, "open sesame", passphrase);
            }
        }
        List<String> release = List.of(
                MavenBuild.goal("check-evidence"),
                "-Dpgbackup.identity.database=vault",
                "-Dpgbackup.trustedKeys=release.pub");
        assertThat(build.run(release.toArray(String[]::new)).output())
                .contains("BUILD SUCCESS")
                .containsPattern(
                        "check-evidence: PASS, database vault, verified at \\S+ by \\d+ checks, signed by the key ");

        Files.delete(build.evidence().resolve("verification.intoto.jsonl"));
        assertThat(build.run(release.toArray(String[]::new)).error())
                .startsWith(
                        "check-evidence: FAIL, nothing here proves that the backup is good:\n  - The evidence is not"
                                + " signed: ");
    }

    @Test
    void an_unreadable_key_stops_the_run_before_it_queries_production() {
        MavenBuild build = new MavenBuild(project)
                .serverWithKey("signing", Keys.privateKey("rsa"), "")
                .configuration("<source><url>jdbc:postgresql://127.0.0.1:1/nobody</url></source>" + SIGNATURE);

        assertThat(build.run("verify").error())
                .startsWith("verify-backup: NOT_VERIFIED, nothing is known about the backup:\n"
                        + "  The configuration has a problem:\n"
                        + "  - The <privateKey> of the <server> 'signing' in settings.xml, which <signature><serverId>"
                        + " (-Dpgbackup.signature.serverId) names, is a key for RSA; expected an Ed25519 key.");
        assertThat(build.evidence().resolve("verification.intoto.jsonl")).doesNotExist();
    }
}
