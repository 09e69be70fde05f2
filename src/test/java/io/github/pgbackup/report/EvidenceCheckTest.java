package io.github.pgbackup.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgbackup.Sha256;
import io.github.pgbackup.evidence.VerificationReport;
import io.github.pgbackup.plan.DatabaseAddress;
import io.github.pgbackup.plan.Proof;
import io.github.pgbackup.provenance.BoundTo;
import io.github.pgbackup.source.Element;
import io.github.pgbackup.source.JdbcUrl;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class EvidenceCheckTest {

    private static final Instant STARTED = Instant.parse("2026-11-23T22:07:54.747Z");
    private static final String ARCHIVE = "dump/directus_20261123T220754Z.dump";
    private static final String FETCH =
            " Run verify-backup first, or copy the whole folder of its run here: <outputDirectory>, -Dpgbackup.outputDirectory. See docs/security.md#what-check-evidence-proves.";

    @TempDir
    private Path folder;

    private Proof proof = new Proof(List.of(), true, null);

    @BeforeEach
    void writeEvidence() throws IOException {
        write(Reports.passed());
    }

    private void write(VerificationReport report) throws IOException {
        Files.createDirectories(folder.resolve("probe"));
        Files.createDirectories(folder.resolve("dump"));
        Files.writeString(folder.resolve(ARCHIVE), "PGDMP");
        Evidence.write(report, folder);
        String json = Files.readString(json());
        String demands = json.substring(json.indexOf("\"demands\""));
        json = json.replace(Reports.SHA256, Sha256.of(folder.resolve(ARCHIVE)));
        json = json.substring(0, json.indexOf("\"demands\"")) + demands;
        Files.writeString(json(), json);
        vouch();
    }

    private Path json() {
        return folder.resolve("verification.json");
    }

    /** Makes a new list, as someone who changes the evidence could; only the reasons below remain then. */
    private void vouch() throws IOException {
        Files.writeString(folder.resolve("SHA256SUMS"), Checksums.of(folder, Sha256::of));
    }

    private void replace(String text, String by) throws IOException {
        String json = Files.readString(json());
        assertThat(json).contains(text);
        Files.writeString(json(), json.replace(text, by));
        vouch();
    }

    private List<String> problems() {
        return check("directus", Reports.SHA256, STARTED.plus(Duration.ofHours(1)))
                .problems();
    }

    private List<String> problemsOf(String url) {
        return check("directus", url, Reports.SHA256, STARTED.plus(Duration.ofHours(1)))
                .problems();
    }

    private EvidenceCheck.Result check(String database, String demands, Instant now) {
        return check(database, null, demands, now);
    }

    private EvidenceCheck.Result check(String database, @Nullable String url, String demands, Instant now) {
        return EvidenceCheck.of(
                EvidencePlans.of(
                        database,
                        url == null ? null : new DatabaseAddress(JdbcUrl.parse(url, Element.SOURCE), null),
                        demands,
                        "comparison rows",
                        proof),
                folder,
                now);
    }

    @Test
    void complete_recent_evidence_about_the_database_is_accepted() {
        EvidenceCheck.Result result = check("directus", Reports.SHA256, STARTED.plus(Duration.ofDays(1)));

        assertThat(result.problems()).isEmpty();
        assertThat(result.facts()).isEqualTo("database directus, verified at 2026-11-23T22:07:54.747Z by 1 check");
    }

    @Test
    void evidence_of_a_handed_over_database_that_was_not_stopped_is_refused() throws Exception {
        write(Reports.passed().with(Reports.HAND_OVER.after(new VerificationReport.Ended(Duration.ofSeconds(4), 3))));
        assertThat(problems()).isEmpty();

        write(Reports.passed().with(Reports.HAND_OVER));
        assertThat(problems())
                .containsExactly("start handed over the restored database, but stop has not recorded that it is gone."
                        + " Run start and stop again, in one build.");
    }

    /** It was compared with nothing, which is less than this goal guarantees. */
    @Test
    void evidence_about_an_existing_archive_is_refused() throws Exception {
        write(Reports.ofArchive());

        assertThat(problems())
                .containsExactly("The run verified an existing archive and compared it with nothing; expected"
                        + " evidence about a dump that the run took itself. Run verify-backup with a source,"
                        + " <source><url> (-Dpgbackup.source.url), instead of <archive>.");
    }

    /** It says nothing about the source as it is now. */
    @Test
    void evidence_about_an_archive_with_a_manifest_is_refused() throws Exception {
        write(Reports.ofManifest());

        assertThat(problems())
                .containsExactly("The run verified an existing archive and compared it with its manifest; expected"
                        + " evidence about a dump that the run took itself. Run verify-backup with a source,"
                        + " <source><url> (-Dpgbackup.source.url), instead of <archive>.");
    }

    @Test
    void evidence_about_the_configured_source_is_accepted() {
        assertThat(problemsOf("jdbc:postgresql://DB.internal/directus?sslmode=require"))
                .isEmpty();
    }

    @Test
    void evidence_about_another_server_or_database_is_refused() {
        assertThat(problemsOf("jdbc:postgresql://staging.internal/directus"))
                .containsExactly(
                        "The evidence is about another server: expected staging.internal:5432, which <source><url>"
                                + " (-Dpgbackup.source.url) names, actual db.internal:5432. Use the folder of the run that"
                                + " verified this source, or give both goals the same <source><url>"
                                + " (-Dpgbackup.source.url) or <source><container> (-Dpgbackup.source.container).");
        assertThat(problemsOf("jdbc:postgresql://db.internal/shop"))
                .containsExactly("The evidence is about another database: expected `shop`, which <source><url>"
                        + " (-Dpgbackup.source.url) names, actual `directus`. Use the folder of the run that"
                        + " verified this source, or give both goals the same <source><url>"
                        + " (-Dpgbackup.source.url) or <source><container> (-Dpgbackup.source.container).");
    }

    @Test
    void evidence_of_an_older_version_does_not_name_its_server() throws IOException {
        replace(",\n    \"server\": \"db.internal:5432\"", "");

        assertThat(problemsOf("jdbc:postgresql://db.internal/directus"))
                .containsExactly(
                        "The evidence does not say which server the backup is of: it was written by an older version"
                                + " of the plugin. Run verify-backup again.");
    }

    @Test
    void evidence_of_the_same_commit_and_files_is_accepted() {
        bind("1".repeat(40), Map.of("db/V1__units.sql", Reports.SHA256));
        assertThat(problems()).isEmpty();

        bind(null, Map.of("db/V1__units.sql", Reports.SHA256));
        assertThat(problems()).isEmpty();

        bind("1".repeat(40), Map.of());
        assertThat(problems()).isEmpty();
    }

    @Test
    void evidence_of_another_commit_or_other_files_is_refused_with_the_difference() {
        String other = "0".repeat(64);
        bind("2".repeat(40), Map.of("db/V1__units.sql", other, "db/V2__more.sql", other));

        assertThat(problems())
                .containsExactly(
                        "The evidence is bound to another commit: expected " + "2".repeat(40) + ", actual "
                                + "1".repeat(40) + ".",
                        "The evidence is bound to other files: db/V1__units.sql has the SHA-256 " + other
                                + " now, but had " + Reports.SHA256 + " when the backup was verified.",
                        "The evidence is bound to other files: db/V2__more.sql exists now, but did not exist when the backup was verified.",
                        "Run verify-backup with what is released, or release what was verified.");

        bind(null, Map.of("db/V2__more.sql", other));
        assertThat(problems())
                .contains(
                        "The evidence is bound to other files: db/V1__units.sql existed when the backup was verified, but does not exist now.");
    }

    @Test
    void evidence_without_a_binding_is_refused_if_one_is_required() throws IOException {
        write(Reports.unbound());
        assertThat(problems()).isEmpty();

        bind("1".repeat(40), Map.of());
        assertThat(problems())
                .containsExactly("The evidence is not bound to a commit or to files. Give verify-backup the same"
                        + " <boundTo>: <boundTo><commit>, -Dpgbackup.boundTo.commit, or <boundTo><includes>,"
                        + " -Dpgbackup.boundTo.includes. See docs/trust.md#bound-evidence.");
    }

    private void bind(@Nullable String commit, Map<String, String> files) {
        proof = new Proof(List.of(), true, new BoundTo(Optional.ofNullable(commit), new TreeMap<>(files)));
    }

    @Test
    void missing_evidence_is_refused() throws IOException {
        Files.delete(json());

        assertThat(problems()).containsExactly("There is no evidence: " + json() + " is missing." + FETCH);
    }

    @Test
    void evidence_without_checksums_is_refused() throws IOException {
        Files.delete(folder.resolve("SHA256SUMS"));

        assertThat(problems())
                .containsExactly(
                        "The evidence has no checksums: " + folder.resolve("SHA256SUMS") + " is missing." + FETCH);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "SUMMARY.txt: OK\n"})
    void an_empty_or_malformed_list_is_refused(String list) throws IOException {
        Files.writeString(folder.resolve("SHA256SUMS"), list);

        assertThat(problems()).isNotEmpty();
    }

    @Test
    void an_archive_left_behind_is_missed_and_the_remedy_says_to_bring_it() throws IOException {
        Files.delete(folder.resolve(ARCHIVE));

        assertThat(problems())
                .containsExactly(
                        ARCHIVE + " is listed in SHA256SUMS but missing.",
                        "Copy the archive along with the rest. If it must not leave the machine that took it, accept evidence"
                                + " without it, <requireArchive>false (-Dpgbackup.requireArchive), or verify with"
                                + " <backup><keepArchive>never (-Dpgbackup.backup.keepArchive); then the checksums do not list it.");
    }

    @Test
    void an_archive_left_behind_is_missed_even_with_a_new_list() throws IOException {
        Files.delete(folder.resolve(ARCHIVE));
        vouch();

        assertThat(problems())
                .containsExactly("The archive " + ARCHIVE + " was kept, but SHA256SUMS does not match what"
                        + " verification.json says about it." + FETCH);
    }

    @Test
    void an_archive_left_behind_is_not_missed_if_none_is_required() throws IOException {
        Files.delete(folder.resolve(ARCHIVE));
        proof = new Proof(List.of(), false, null);
        assertThat(problems()).isEmpty();

        Files.writeString(folder.resolve(ARCHIVE), "PGDMX");
        assertThat(problems()).first().asString().startsWith(ARCHIVE + " is not as listed");

        Files.delete(folder.resolve(ARCHIVE));
        Files.delete(folder.resolve("SUMMARY.txt"));
        assertThat(problems()).containsExactly("SUMMARY.txt is listed in SHA256SUMS but missing.");
    }

    @Test
    void an_archive_that_was_not_kept_is_not_missed() throws IOException {
        Files.delete(folder.resolve(ARCHIVE));
        replace("\"kept\": true", "\"kept\": false");

        assertThat(problems()).isEmpty();
    }

    @Test
    void changed_and_added_files_are_named() throws IOException {
        Files.writeString(folder.resolve("SUMMARY.txt"), "x");
        Files.writeString(folder.resolve("note.txt"), "x");

        assertThat(problems())
                .hasSize(2)
                .anyMatch(problem -> problem.startsWith("SUMMARY.txt is not as listed in SHA256SUMS: expected SHA-256 ")
                        && problem.endsWith(
                                ", actual 2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881."))
                .contains("note.txt is not listed in SHA256SUMS.");
    }

    @Test
    void a_changed_byte_in_the_archive_is_found() throws IOException {
        Files.writeString(folder.resolve(ARCHIVE), "PGDMP".replace('M', 'N'));

        assertThat(problems())
                .first()
                .asString()
                .startsWith(ARCHIVE + " is not as listed in SHA256SUMS: expected SHA-256 ");
    }

    @Test
    void a_link_is_refused_wherever_it_leads(@TempDir Path elsewhere) throws IOException {
        Path file = Files.move(folder.resolve("SUMMARY.txt"), elsewhere.resolve("SUMMARY.txt"));
        Files.createSymbolicLink(folder.resolve("SUMMARY.txt"), file);
        Files.createSymbolicLink(folder.resolve("more"), elsewhere);

        assertThat(problems())
                .containsExactly(
                        "SUMMARY.txt is a link or a device, not a file; no checksum covers it.",
                        "more is a link or a device, not a file; no checksum covers it.",
                        "SUMMARY.txt is listed in SHA256SUMS but missing.");
    }

    @Test
    void a_link_to_the_folder_is_accepted(@TempDir Path elsewhere) throws IOException {
        Path link = Files.createSymbolicLink(elsewhere.resolve("evidence"), folder);
        folder = link;

        assertThat(problems()).isEmpty();
    }

    @Test
    void a_list_that_leads_out_of_the_folder_is_refused(@TempDir Path elsewhere) throws IOException {
        Path file = Files.writeString(elsewhere.resolve("file"), "x");
        Path list = folder.resolve("SHA256SUMS");
        String outside = folder.relativize(file).toString();
        Files.writeString(list, Files.readString(list) + Sha256.of(file) + "  " + outside + "\n");

        assertThat(problems()).containsExactly(outside + " is listed in SHA256SUMS but missing.");
    }

    @Test
    void lines_missing_from_the_list_are_found_by_their_files() throws IOException {
        Path list = folder.resolve("SHA256SUMS");
        Files.write(
                list,
                Files.readAllLines(list).stream()
                        .filter(line -> !line.endsWith("verification.json") && !line.endsWith("index.html"))
                        .toList());

        assertThat(problems())
                .containsExactly(
                        "index.html is not listed in SHA256SUMS.",
                        "verification.json is not listed in SHA256SUMS.",
                        "verification.json is not listed in SHA256SUMS." + FETCH);
    }

    @Test
    void truncated_evidence_is_refused_even_if_the_list_matches() throws IOException {
        String json = Files.readString(json());
        Files.writeString(json(), json.substring(0, json.length() - 3));
        vouch();

        assertThat(problems()).singleElement().asString().startsWith(json() + " cannot be read: ");
    }

    /** A sparse file, which takes no space on the disk. */
    @Test
    void evidence_that_would_not_fit_into_memory_is_not_read() throws IOException {
        try (var file = new RandomAccessFile(json().toFile(), "rw")) {
            file.setLength(5_000_000_000L);
        }

        assertThat(problems())
                .containsExactly(json() + " is too large: expected at most 200.0 MB, actual 5.0 GB." + FETCH);
    }

    @Test
    void endlessly_nested_evidence_is_refused() throws IOException {
        Files.writeString(json(), "[".repeat(1_000_000));
        vouch();

        assertThat(problems()).singleElement().asString().contains(json() + " cannot be read: ");
    }

    @Test
    void bytes_that_are_not_text_are_refused() throws IOException {
        Files.write(json(), new byte[] {'{', (byte) 0xFF, '}'});
        vouch();
        assertThat(problems()).singleElement().asString().contains(json() + " cannot be read: ");

        Files.write(folder.resolve("SHA256SUMS"), new byte[] {(byte) 0xFF});
        assertThat(problems()).anyMatch(problem -> problem.startsWith("The checksums cannot be checked: "));
    }

    @ParameterizedTest
    @CsvSource({"FAIL", "NOT_VERIFIED"})
    void another_verdict_is_refused(String verdict) throws IOException {
        replace("\"PASS\"", "\"" + verdict + "\"");

        assertThat(problems())
                .containsExactly(
                        "The verdict is " + verdict + "; expected PASS. Read " + folder.resolve("SUMMARY.txt") + ".");
    }

    @Test
    void names_in_the_evidence_cannot_forge_a_line_of_the_log() throws IOException {
        replace("\"verdict\": \"PASS\"", "\"verdict\": \"PASS\\n[INFO] BUILD SUCCESS\"");
        Files.writeString(folder.resolve("a\n[INFO] BUILD SUCCESS"), "x");

        assertThat(problems())
                .containsExactly(
                        "a\\n[INFO] BUILD SUCCESS is not listed in SHA256SUMS.",
                        "The verdict is PASS\\n[INFO] BUILD SUCCESS; expected PASS. Read "
                                + folder.resolve("SUMMARY.txt") + ".");
    }

    @ParameterizedTest
    @CsvSource({"'\"passed\": true','\"passed\": false'", "'\"checks\": [','\"checks\": [], \"none\": ['"})
    void a_verdict_that_contradicts_the_checks_is_refused(String text, String by) throws IOException {
        replace(text, by);

        assertThat(problems())
                .containsExactly("The verdict is PASS, but not every check in the evidence passed." + FETCH);
    }

    @Test
    void old_evidence_is_refused() {
        assertThat(check("directus", Reports.SHA256, Instant.parse("2026-11-24T22:07:55Z"))
                        .problems())
                .containsExactly("The evidence is too old: the run began at 2026-11-23T22:07:54.747Z, 24 h ago;"
                        + " the maximum age is 24 h. Run verify-backup again, or accept an older run: <maximumAge>,"
                        + " -Dpgbackup.maximumAge.");
    }

    @Test
    void evidence_from_the_future_is_refused_beyond_the_tolerance_for_clocks() {
        assertThat(check("directus", Reports.SHA256, Instant.parse("2026-11-23T22:04:00Z"))
                        .problems())
                .isEmpty();
        assertThat(check("directus", Reports.SHA256, Instant.parse("2026-11-23T22:02:00Z"))
                        .problems())
                .containsExactly("The evidence is from the future: the run began at 2026-11-23T22:07:54.747Z, but the"
                        + " clock of this machine says 2026-11-23T22:02:00Z. Set the clocks of both machines.");
    }

    @Test
    void evidence_about_another_database_is_refused() {
        assertThat(check("shop", Reports.SHA256, STARTED).problems())
                .containsExactly("The evidence is about another database: identity: database is `directus`, expected"
                        + " `shop`." + FETCH);
    }

    @Test
    void evidence_for_other_expectations_is_refused() {
        String other = "0".repeat(64);

        assertThat(check("directus", other, STARTED).problems())
                .containsExactly("The evidence meets different demands: expected " + other
                        + " (comparison rows), actual " + Reports.SHA256
                        + " (comparison rows, roles provision, 1 expectations, 0 tolerated differences). Give both goals"
                        + " the same <expectations>, <comparison> (-Dpgbackup.comparison) and <restore>, or name what was agreed on: <demands>,"
                        + " -Dpgbackup.demands.");
    }

    @Test
    void evidence_that_does_not_state_its_demands_is_refused() throws IOException {
        replace("\"demands\"", "\"other\"");

        assertThat(problems())
                .containsExactly("The evidence does not say what the backup had to satisfy: it was written by an older"
                        + " version of the plugin. Run verify-backup again.");
    }

    @Test
    void another_major_version_of_the_schema_is_refused() throws IOException {
        replace("\"schemaVersion\": \"" + VerificationJson.SCHEMA_VERSION, "\"schemaVersion\": \"2.0");

        assertThat(problems())
                .containsExactly("The evidence has schema version 2.0; expected 1.x. Check it with the version of the"
                        + " plugin that wrote it.");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "[]", "null", "{\"schemaVersion\": {}}", "{\"schemaVersion\": \"1.1\"}"})
    void other_content_is_refused(String text) throws IOException {
        Files.writeString(json(), text);
        vouch();

        assertThat(problems()).singleElement().asString().contains(json() + " cannot be read: ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"startedAt", "source", "systemIdentifier", "checks", "archive", "kept", "superuser"})
    void a_missing_member_is_refused(String member) throws IOException {
        replace("\"" + member + "\"", "\"other\"");

        assertThat(problems()).containsExactly(json() + " cannot be read: it has no member '" + member + "'." + FETCH);
    }
}
