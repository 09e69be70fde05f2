package io.github.pgbackup.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.sigstore.dsse.InTotoPayload;
import io.github.pgbackup.Sha256;
import io.github.pgbackup.evidence.VerificationReport;
import io.github.pgbackup.plan.Proof;
import io.github.pgbackup.signature.Envelope;
import io.github.pgbackup.signature.Keys;
import io.github.pgbackup.signature.SigningKey;
import io.github.pgbackup.signature.TrustedKey;
import io.github.pgbackup.test.Sigstore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Signed evidence, and what someone without a key can do about it. */
final class SignedEvidenceTest {

    private static final Instant STARTED = Instant.parse("2026-11-23T22:07:54.747Z");
    private static final SigningKey KEY = Keys.signing();
    private static final SigningKey OTHER = Keys.signing();
    private static final String AS_IT_WAS = " Copy the folder as the run left it, or run verify-backup again.";

    @TempDir
    private Path directory;

    private Path folder;
    private boolean requireArchive = true;

    @BeforeEach
    void writeEvidence() throws IOException {
        folder = write("evidence", Reports.passed(), KEY);
    }

    /** Evidence without an archive: the report describes one that this test does not have. */
    private Path write(String name, VerificationReport report, SigningKey key) throws IOException {
        Path written = directory.resolve(name);
        Files.createDirectories(written.resolve("probe"));
        Files.createDirectories(written.resolve("dump"));
        Evidence.write(Reports.withoutArchiveKept(report), written, key);
        return written;
    }

    @Test
    void sigstore_reads_the_statement() throws Exception {
        InTotoPayload statement = InTotoPayload.from(Sigstore.envelope(Files.readString(envelope())));

        assertThat(statement.getType()).isEqualTo("https://in-toto.io/Statement/v1");
        assertThat(statement.getPredicateType()).isEqualTo("https://in-toto.io/attestation/test-result/v0.1");
        assertThat(statement.getSubject())
                .extracting(InTotoPayload.Subject::getDigest)
                .containsExactly(Map.of("sha256", Reports.SHA256));
        assertThat(statement.getPredicate().getAsJsonObject().get("result").getAsString())
                .isEqualTo("PASSED");
    }

    private Path envelope() {
        return folder.resolve("verification.intoto.jsonl");
    }

    private EvidenceCheck.Result check(TrustedKey... trusted) {
        return EvidenceCheck.of(
                EvidencePlans.of(
                        "directus",
                        null,
                        Reports.SHA256,
                        "comparison rows",
                        new Proof(List.of(trusted), requireArchive, null)),
                folder,
                STARTED.plus(Duration.ofHours(1)));
    }

    private List<String> problems() {
        return check(KEY.publicKey()).problems();
    }

    /** Makes a new list, as someone who alters the evidence could; a new signature is not possible. */
    private void vouch() throws IOException {
        Files.writeString(folder.resolve("SHA256SUMS"), Checksums.of(folder, Sha256::of));
    }

    @Test
    void signed_evidence_is_accepted_and_the_key_is_named() {
        EvidenceCheck.Result result = check(OTHER.publicKey(), KEY.publicKey());

        assertThat(result.problems()).isEmpty();
        assertThat(result.facts())
                .endsWith(" by 1 check, signed by the key " + KEY.publicKey().id());
    }

    @Test
    void the_signed_statement_is_a_test_result_of_in_toto() throws IOException {
        Envelope envelope = Envelope.parse(Files.readString(envelope()));
        JsonObject statement = JsonParser.parseString(envelope.payload()).getAsJsonObject();

        assertThat(envelope.payloadType()).isEqualTo("application/vnd.in-toto+json");
        assertThat(statement)
                .hasToString("{\"_type\":\"https://in-toto.io/Statement/v1\","
                        + "\"subject\":[{\"name\":\"dump/directus_20261123T220754Z.dump\",\"digest\":{\"sha256\":\""
                        + Reports.SHA256
                        + "\"}}],\"predicateType\":\"https://in-toto.io/attestation/test-result/v0.1\","
                        + "\"predicate\":{\"result\":\"PASSED\",\"configuration\":[{\"name\":\"demands\","
                        + "\"digest\":{\"sha256\":\"" + Reports.SHA256
                        + "\"}},{\"name\":\"commit\",\"digest\":{\"gitCommit\":\"" + "1".repeat(40)
                        + "\"}},{\"name\":\"db/V1__units.sql\",\"digest\":{\"sha256\":\"" + Reports.SHA256
                        + "\"}}],\"passedTests\":[\"identity: database\"],\"failedTests\":[],"
                        + "\"https://github.com/pgbackup/pgbackup-maven-plugin/evidence/v1\":{\"files\":{\"name\":"
                        + "\"SHA256SUMS\",\"digest\":{\"sha256\":\"" + Sha256.of(folder.resolve("SHA256SUMS"))
                        + "\"}},\"startedAt\":\"2026-11-23T22:07:54.747Z\",\"database\":\"directus\"}}}");
    }

    @Test
    void a_failure_is_signed_as_one_and_refused() throws IOException {
        folder = write("failed", Reports.failed(), KEY);

        assertThat(Envelope.parse(Files.readString(envelope())).payload())
                .contains("\"result\":\"FAILED\"", "\"failedTests\":[\"table public.units: rows\"]");
        assertThat(problems()).singleElement().asString().startsWith("The verdict is FAIL; expected PASS.");
    }

    /** Someone changes the verdict, but can change neither the list nor the signature to match. */
    @Test
    void a_failure_altered_to_a_success_is_refused() throws IOException {
        folder = write("failed", Reports.failed(), KEY);
        Path json = folder.resolve("verification.json");
        Files.writeString(
                json,
                Files.readString(json)
                        .replace("\"FAIL\"", "\"PASS\"")
                        .replace("\"passed\": false", "\"passed\": true"));
        vouch();

        assertThat(problems())
                .hasSize(2)
                .anyMatch(problem -> problem.startsWith("The evidence was changed after it was signed: "))
                .contains("The signed result is FAILED; expected PASSED." + AS_IT_WAS);
    }

    @Test
    void an_unverified_backup_is_not_signed() throws IOException {
        folder = directory.resolve("none");
        Files.createDirectories(folder);
        Evidence.write(VerificationReport.invalid("1", List.of("x")), folder, KEY);

        assertThat(folder.resolve("verification.json")).exists();
        assertThat(envelope()).doesNotExist();
    }

    @Test
    void evidence_without_a_signature_is_refused_only_if_trusted_keys_are_configured() throws IOException {
        Files.delete(envelope());

        assertThat(problems())
                .containsExactly(
                        "The evidence is not signed: " + envelope()
                                + " is missing. Let verify-backup sign: name in <signature><serverId>"
                                + " (-Dpgbackup.signature.serverId) the <server> of settings.xml that has the key. See docs/trust.md#signed-evidence.");
        assertThat(check().problems()).isEmpty();
    }

    @Test
    void a_link_to_a_signature_is_refused() throws IOException {
        Files.move(envelope(), directory.resolve("elsewhere"));
        Files.createSymbolicLink(envelope(), directory.resolve("elsewhere"));

        assertThat(problems()).anyMatch(problem -> problem.startsWith("The evidence is not signed: "));
    }

    @Test
    void a_signature_by_another_key_is_refused() throws IOException {
        folder = write("other", Reports.passed(), OTHER);

        assertThat(problems())
                .containsExactly("The evidence is signed by a key that is not trusted: expected "
                        + KEY.publicKey().id() + ", actual " + OTHER.publicKey().id()
                        + ". Find out whose key it is; if you trust it, add its public key: <trustedKeys>,"
                        + " -Dpgbackup.trustedKeys. See docs/trust.md#signed-evidence.");
    }

    @Test
    void a_signature_by_another_key_in_the_name_of_a_trusted_key_is_refused() throws IOException {
        folder = write("other", Reports.passed(), OTHER);
        Files.writeString(
                envelope(),
                Files.readString(envelope())
                        .replace(OTHER.publicKey().id(), KEY.publicKey().id()));

        assertThat(problems())
                .containsExactly("The signature is not valid: verification.intoto.jsonl, which names the trusted"
                        + " key " + KEY.publicKey().id() + ", was altered, or somebody else wrote it."
                        + AS_IT_WAS);
    }

    /** A key that was removed from the list is no longer trusted. */
    @Test
    void a_key_that_is_no_longer_trusted_is_refused() {
        assertThat(check(OTHER.publicKey()).problems())
                .singleElement()
                .asString()
                .startsWith("The evidence is signed by a key that is not trusted: ");
    }

    /** The end is the end of a day, or an instant; earlier evidence stays valid. */
    @Test
    void what_a_key_signed_after_its_end_is_refused() throws IOException {
        String pem = Keys.privateKey("ed25519");
        SigningKey key = SigningKey.parse(pem, null);
        folder = write("until", Reports.passed(), key);

        for (String good : List.of("2026-11-23", "2026-11-23T22:07:54.748Z")) {
            assertThat(check(until(good, pem)).problems()).isEmpty();
        }
        assertThat(check(until("2026-11-23T22:07:54.747Z", pem)).problems()).hasSize(1);
        assertThat(check(until("2026-11-22", pem)).problems())
                .containsExactly("The key " + key.publicKey().id() + " is no longer trusted: it was trusted until"
                        + " 2026-11-23T00:00:00Z, and it signed the evidence of a run that began at " + STARTED + "."
                        + " Sign with a newer key, <signature><serverId> (-Dpgbackup.signature.serverId), and trust its"
                        + " public key: <trustedKeys>, -Dpgbackup.trustedKeys.");
        assertThatThrownBy(() -> until("tomorrow", pem))
                .hasMessage("is trusted until tomorrow; expected a date such as 2027-12-31, or an instant such as"
                        + " 2027-12-31T12:00:00Z");
    }

    private static TrustedKey until(String end, String privateKey) {
        return TrustedKey.parse("Trusted-Until: " + end + "\n" + Keys.publicKey(privateKey));
    }

    @Test
    void the_signature_covers_every_file_even_with_a_new_list() throws IOException {
        List<Path> files;
        try (Stream<Path> tree = Files.walk(folder)) {
            files = tree.filter(Files::isRegularFile)
                    .filter(file -> !file.equals(envelope()) && !file.endsWith("SHA256SUMS"))
                    .toList();
        }
        assertThat(files).hasSizeGreaterThan(5);
        byte[] list = Files.readAllBytes(folder.resolve("SHA256SUMS"));
        for (Path file : files) {
            byte[] content = Files.readAllBytes(file);
            byte[] altered = content.clone();
            altered[content.length - 1] ^= 1;
            Files.write(file, altered);
            vouch();
            assertThat(problems()).as("%s", file).isNotEmpty();
            Files.write(file, content);
            Files.write(folder.resolve("SHA256SUMS"), list);
        }
        assertThat(problems()).isEmpty();
    }

    @Test
    void an_added_file_is_found_even_with_a_new_list() throws IOException {
        Files.writeString(folder.resolve("note.txt"), "all is well");
        String before = Sha256.of(folder.resolve("SHA256SUMS"));
        vouch();

        assertThat(problems())
                .containsExactly("The evidence was changed after it was signed: the signed list has the SHA-256 "
                        + before + ", but SHA256SUMS has " + Sha256.of(folder.resolve("SHA256SUMS")) + "."
                        + AS_IT_WAS);
    }

    @Test
    void no_byte_of_the_envelope_can_be_altered() throws IOException {
        byte[] content = Files.readAllBytes(envelope());
        // Each kind of byte, and each position at the end of the signature.
        for (int at = 0; at < content.length; at += at < content.length - 200 ? 7 : 1) {
            byte[] altered = content.clone();
            altered[at] ^= 1;
            Files.write(envelope(), altered);
            assertThat(problems())
                    .as("byte %s: %s", at, new String(altered, StandardCharsets.ISO_8859_1))
                    .isNotEmpty();
        }
    }

    /** A genuine signature and genuine evidence, of two runs. */
    @Test
    void evidence_of_one_run_with_the_signature_of_another_is_refused() throws IOException {
        Path other = write("later", Reports.startedAt(Reports.passed(), STARTED.plusSeconds(60)), KEY);
        Files.copy(
                other.resolve("verification.intoto.jsonl"),
                envelope(),
                java.nio.file.StandardCopyOption.REPLACE_EXISTING);

        assertThat(problems())
                .containsExactly("The signature belongs to another run: it signs the run that began at"
                        + " 2026-11-23T22:08:54.747Z, but the evidence here is about the run that began at"
                        + " 2026-11-23T22:07:54.747Z. Use all files of one run, or run verify-backup again.");
    }

    /** Complete and genuine, but of another day: the signature also covers the time. */
    @Test
    void replayed_evidence_is_refused_as_too_old_and_its_date_cannot_be_changed() throws IOException {
        folder = write("old", Reports.startedAt(Reports.passed(), STARTED.minus(Duration.ofDays(2))), KEY);
        assertThat(problems())
                .singleElement()
                .asString()
                .startsWith("The evidence is too old: the run began at 2026-11-21T22:07:54.747Z, ");

        Path json = folder.resolve("verification.json");
        Files.writeString(json, Files.readString(json).replace("2026-11-21T22:07:54.747Z", STARTED.toString()));
        vouch();
        assertThat(problems())
                .singleElement()
                .asString()
                .startsWith("The signature belongs to another run: it signs the run that began at"
                        + " 2026-11-21T22:07:54.747Z, ");
    }

    @Test
    void evidence_from_a_clock_that_is_ahead_is_refused() throws IOException {
        folder = write("future", Reports.startedAt(Reports.passed(), STARTED.plus(Duration.ofHours(2))), KEY);

        assertThat(problems()).singleElement().asString().startsWith("The evidence is from the future: ");
    }

    /** The owner of a trusted key can sign anything, but it must match what the evidence says. */
    @Test
    void a_signed_statement_about_something_else_is_refused() throws IOException {
        Envelope envelope = Envelope.parse(Files.readString(envelope()));
        String other = "0".repeat(64);
        sign(envelope.payload().replaceFirst(Reports.SHA256, other));
        assertThat(problems())
                .containsExactly("The signature and the evidence are about different archives: expected"
                        + " dump/directus_20261123T220754Z.dump with the SHA-256 " + Reports.SHA256 + "." + AS_IT_WAS);

        sign(envelope.payload()
                .replace(
                        "\"demands\",\"digest\":{\"sha256\":\"" + Reports.SHA256,
                        "\"demands\",\"digest\":{\"sha256\":\"" + other));
        assertThat(problems())
                .containsExactly("The signature and the evidence are about different demands: expected "
                        + Reports.SHA256 + "." + AS_IT_WAS);

        sign(envelope.payload().replace("test-result/v0.1", "test-result/v9"));
        assertThat(problems())
                .singleElement()
                .asString()
                .contains(" cannot be read: it signs something other than a test result.");

        for (String incomplete : List.of("null", "{}", "[]", "{\"_type\":1}", "")) {
            sign(incomplete);
            assertThat(problems()).as(incomplete).singleElement().asString().contains(" cannot be read: it ");
        }
    }

    private void sign(String payload) throws IOException {
        Files.writeString(
                envelope(),
                Envelope.sign("application/vnd.in-toto+json", payload, KEY).toString());
    }
}
