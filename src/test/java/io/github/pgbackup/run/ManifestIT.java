package io.github.pgbackup.run;

import static io.github.pgbackup.run.VerificationRun.assertPassed;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.github.pgbackup.Sha256;
import io.github.pgbackup.evidence.Check;
import io.github.pgbackup.evidence.Verdict;
import io.github.pgbackup.evidence.VerificationReport;
import io.github.pgbackup.plan.Xml;
import io.github.pgbackup.test.Archives;
import io.github.pgbackup.test.ProductionServer;
import io.github.pgbackup.test.Programs;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Archives that are compared with their manifests while their server is down. */
final class ManifestIT {

    private static final Programs PROGRAMS = Programs.ofMajor(17);

    /** A text that occurs in rows only, not in definitions or expectations. */
    private static final String SECRET = "Zanzibar";

    private static final String EXPECTATIONS = """
            <expectations>
              <table><name>public.clients</name><rows>3</rows></table>
              <query><name>how many</name><sql>select count(*) from clients</sql><returns>3</returns></query>
              <query><name>who</name><sql>select max(name) from clients</sql><returns>Nobody</returns></query>
            </expectations>""";

    private static final String NAME_ANOTHER =
            "Name the manifest that take-backup or verify-backup wrote with this archive:"
                    + " <archive><manifest>, -Dpgbackup.archive.manifest; or move the file away, to verify without a manifest. See docs/backups.md#what-a-manifest-holds.";

    @TempDir
    private static Path taken;

    private static Path shop;

    @TempDir
    private Path directory;

    private Path archive;
    private Path manifest;

    @BeforeAll
    static void back_up() throws Exception {
        try (ProductionServer production = ProductionServer.start(PROGRAMS.bin(), "postgres")) {
            production.createDatabase("shop");
            production.execute(
                    "shop",
                    "create table clients (id serial primary key, name text);"
                            + " insert into clients (name) values ('Ada'), ('%1$s'), ('Grace');".formatted(SECRET)
                            + " select lo_from_bytea(4711, 'large %1$s')".formatted(SECRET));
            shop = backup(production, "shop", taken, EXPECTATIONS);
        }
    }

    /** Takes a backup with verify-backup, which also writes the manifest. */
    private static Path backup(ProductionServer production, String database, Path folder, String expectations)
            throws Exception {
        VerificationReport report = VerificationRun.of(production, database, folder)
                .with("comparison", "content")
                .expect(Xml.tag(expectations))
                .run();
        return folder.resolve("verify-backup")
                .resolve(report.acquired().archive().orElseThrow().path());
    }

    @BeforeEach
    void copy() throws Exception {
        archive = Files.copy(shop, directory.resolve("shop.dump"));
        manifest = Files.copy(
                shop.resolveSibling(shop.getFileName() + ".manifest.json"),
                directory.resolve("shop.dump.manifest.json"));
    }

    private VerificationRun run() {
        return VerificationRun.ofArchive(archive, "shop", directory.resolve("run"));
    }

    @ParameterizedTest
    @ValueSource(ints = {13, 19})
    void one_of_every_kind_of_object_passes_by_its_manifest(int major) throws Exception {
        Programs programs = Programs.ofMajor(major);
        Path odd;
        try (ProductionServer production = OddDatabase.server(programs)) {
            OddDatabase.create(production, "odd", major);
            odd = backup(production, "odd", directory.resolve("source"), "<expectations/>");
        }
        Path written = odd.resolveSibling(odd.getFileName() + ".manifest.json");
        assertValid(Files.readString(written));

        VerificationReport report = VerificationRun.ofArchive(odd, "odd", directory.resolve("later"))
                .with("comparison", "content")
                .run();

        assertPassed(report);
        assertThat(report.checked().comparison().orElseThrow().baseline()).isEqualTo("manifest");
        assertThat(report.checked().comparison().orElseThrow().sourceEntries()).isNotEmpty();
        assertThat(report.acquired().given().orElseThrow().manifest()).contains(written.toString());
        assertThat(report.acquired().doesNotContain())
                .anyMatch(each -> each.startsWith("Passwords and settings of the "));
    }

    private static void assertValid(String json) throws Exception {
        assertThat(schema("/io/github/pgbackup/manifest/manifest.schema.json").validate(json, InputFormat.JSON))
                .isEmpty();
        JsonObject document = JsonParser.parseString(json).getAsJsonObject();
        Schema description = schema("/io/github/pgbackup/description/description.schema.json");
        for (JsonElement each : document.getAsJsonArray("descriptions")) {
            assertThat(description.validate(each.toString(), InputFormat.JSON)).isEmpty();
        }
    }

    private static Schema schema(String resource) throws Exception {
        try (var in = ManifestIT.class.getResourceAsStream(resource)) {
            return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                    .getSchema(in, InputFormat.JSON);
        }
    }

    @Test
    void a_manifest_contains_no_row_values_and_only_its_owner_can_read_it() throws Exception {
        String text = Files.readString(shop.resolveSibling(shop.getFileName() + ".manifest.json"));

        assertValid(text);
        assertThat(text)
                .doesNotContain(SECRET, "Grace")
                .contains("\"comparison\": \"content\"", "another result, or an error");
        assertThat(PosixFilePermissions.toString(
                        Files.getPosixFilePermissions(shop.resolveSibling(shop.getFileName() + ".manifest.json"))))
                .isEqualTo("rw-------");
    }

    @Test
    void the_source_answers_come_from_the_time_of_the_archive() throws Exception {
        VerificationReport report = run().expect(Xml.tag("""
                <expectations>
                  <table><name>public.clients</name><rows>3</rows></table>
                  <query><name>how many</name><sql>select count(*) from clients</sql><returns>3</returns></query>
                  <query><name>who</name><sql>select max(name) from clients</sql><returns>Nobody</returns></query>
                  <column><name>public.clients.name</name><nulls>0</nulls></column>
                </expectations>""")).run();

        Map<String, String> source = report.checks().stream()
                .filter(check -> check.observations().isPresent())
                .collect(Collectors.toMap(
                        Check::name,
                        check -> check.observations().orElseThrow().source().text()));
        assertThat(source)
                .containsEntry("table public.clients: rows", "3")
                .containsEntry("query how many: returns", "3")
                .containsEntry("query who: returns", "another result, or an error")
                .containsEntry("column public.clients.name: nulls", "the manifest does not contain it");
        assertThat(report.failedChecks()).extracting(Check::name).containsExactly("query who: returns");
    }

    @Test
    void a_changed_value_is_found_if_fingerprints_are_compared() {
        VerificationRun altered = run().with("comparison", "content")
                .onRestored(session -> session.execute("update clients set name = 'Edsger' where id = 3"));
        assertThat(altered.run().failedChecks()).extracting(Check::name).containsExactly("TABLE DATA public.clients");

        assertPassed(run().onRestored(session -> session.execute("update clients set name = 'Edsger' where id = 3"))
                .run());
        assertThat(run().onRestored(session -> session.execute("delete from clients where id = 3"))
                        .run()
                        .failedChecks())
                .extracting(Check::sentence)
                .anyMatch(sentence -> sentence.contains("3 rows") && sentence.contains("2 rows"));
    }

    @Test
    void the_manifest_also_applies_to_a_packed_archive() throws Exception {
        Path packed = Archives.pack(archive, ".gz", "gzip", "-c");

        VerificationReport report = VerificationRun.ofArchive(packed, "shop", directory.resolve("run"))
                .with("archive.manifest", manifest.toString())
                .with("archive.maximumAge", "P1D")
                .run();

        assertPassed(report);
        assertThat(report.checked().comparison().orElseThrow().baseline()).isEqualTo("manifest");
        assertThat(report.checks()).extracting(Check::name).contains("age, by the manifest");
        assertThat(run().with("archive.maximumAge", "PT0.001S").run().failedChecks())
                .extracting(Check::name)
                .containsExactly("age, by the manifest");
    }

    private void assertRefused(VerificationRun run, String problem) {
        VerificationReport report = run.run();
        assertThat(report.problemText()).isEqualTo(problem);
        assertThat(report.verdict()).isEqualTo(Verdict.NOT_VERIFIED);
    }

    @Test
    void the_manifest_of_another_archive_is_refused() throws Exception {
        String sha256 = Sha256.of(archive);
        Files.writeString(archive, "x", StandardOpenOption.APPEND);
        assertRefused(
                run(),
                "The manifest " + manifest + " belongs to another archive: to " + shop.getFileName()
                        + " with the SHA-256 " + sha256 + ", and the archive " + archive + " has "
                        + Sha256.of(archive) + ".\n"
                        + "Name the archive and the manifest of one backup: <archive><file>"
                        + " (-Dpgbackup.archive.file), <archive><manifest> (-Dpgbackup.archive.manifest); or move the"
                        + " manifest away, to verify without it. See docs/backups.md#what-a-manifest-holds.");
    }

    @Test
    void a_manifest_that_was_changed_is_refused_before_anything_is_restored() throws Exception {
        Files.writeString(manifest, Files.readString(manifest).replace("\"rows\":3", "\"rows\":2"));
        VerificationReport report = run().run();
        assertThat(report.problemText()).startsWith("The manifest " + manifest + " was truncated or changed: ");
        assertThat(report.verdict()).isEqualTo(Verdict.NOT_VERIFIED);
        assertThat(report.restored().target()).isEmpty();
    }

    @Test
    void a_missing_manifest_is_refused() {
        Path nowhere = directory.resolve("nowhere.json");
        assertRefused(
                run().with("archive.manifest", nowhere.toString()),
                "The manifest " + nowhere + " does not exist.\n" + NAME_ANOTHER);
    }

    @ParameterizedTest
    @ValueSource(strings = {"schema", "content", "none"})
    void without_a_manifest_only_rows_can_be_compared(String comparison) throws Exception {
        Files.delete(manifest);
        assertRefused(
                run().with("comparison", comparison).expect("table", "public.clients"),
                "The archive " + archive + " has no manifest, but <comparison> is '" + comparison
                        + "'. Without a manifest, the plugin can compare only objects and numbers of rows.\n"
                        + "Leave <comparison> (-Dpgbackup.comparison) at rows, or name the manifest of the archive:"
                        + " <archive><manifest>, -Dpgbackup.archive.manifest. See docs/backups.md#what-a-manifest-holds.");
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "schema"})
    void less_than_the_manifest_holds_can_be_compared(String comparison) {
        VerificationReport report = run().with("comparison", comparison)
                .expect("table", "public.clients")
                .run();
        assertPassed(report);
        assertThat(report.checked().comparison().orElseThrow().comparison()).isEqualTo(comparison);
    }

    @Test
    void more_than_the_manifest_holds_cannot_be_compared() throws Exception {
        try (ProductionServer production = ProductionServer.start(PROGRAMS.bin(), "postgres")) {
            production.createDatabase("shop");
            production.execute("shop", "create table clients (id int)");
            VerificationReport report = VerificationRun.of(production, "shop", directory.resolve("rows"))
                    .run();
            Path counted = directory
                    .resolve("rows/verify-backup")
                    .resolve(report.acquired().archive().orElseThrow().path());
            assertPassed(VerificationRun.ofArchive(counted, "shop", directory.resolve("run"))
                    .run());
            assertRefused(
                    VerificationRun.ofArchive(counted, "shop", directory.resolve("run"))
                            .with("comparison", "content"),
                    "The manifest " + counted
                            + ".manifest.json was written with <comparison> 'rows', which is not enough for"
                            + " 'content'.\nTake the backup with this <comparison> (-Dpgbackup.comparison), or compare"
                            + " less here. See docs/backups.md#what-a-manifest-holds.");
        }
    }
}
