package io.github.pgbackup.manifest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.networknt.schema.InputFormat;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.comparison.DatabaseObservations;
import io.github.pgbackup.comparison.DatabaseObservations.LargeObjects;
import io.github.pgbackup.comparison.DatabaseObservations.SequenceObservation;
import io.github.pgbackup.comparison.DatabaseObservations.TableObservation;
import io.github.pgbackup.comparison.ExtensionVersions;
import io.github.pgbackup.comparison.ForeignReads;
import io.github.pgbackup.comparison.HashOnServer;
import io.github.pgbackup.comparison.RowHash;
import io.github.pgbackup.comparison.SourceCatalog;
import io.github.pgbackup.comparison.SourceObservations;
import io.github.pgbackup.comparison.TableName;
import io.github.pgbackup.description.DescriptionFile;
import io.github.pgbackup.expectation.Observation;
import io.github.pgbackup.plan.Comparison;
import io.github.pgbackup.restore.Role;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ManifestFileTest {

    private static final String DESCRIPTION =
            "{\"descriptionVersion\":\"1.0\",\"postgresqlMajor\":17,\"columns\":[\"a.b\"],"
                    + "\"hidden\":[],\"pristine\":{\"pg_class\":\"1 00\"},\"rows\":[{\"catalog\":\"pg_class\",\"object\":\"TABLE \\\"ü\\\"\","
                    + "\"objectCatalog\":1259,\"oid\":16384,\"properties\":{\"a\":[1.50,true,null,{\"b\":-7}]}}]}";

    private static final String CHANGED =
            " was truncated or changed: its last line is not the SHA-256 of everything before it.";

    private static final TableName ORDERS = new TableName("Ü \"x\"", "orders\n");

    @TempDir
    private Path directory;

    private Path file;

    @BeforeEach
    void name() {
        file = directory.resolve("a.dump.manifest.json");
    }

    private Path description(int number) {
        return directory.resolve("description-" + number);
    }

    private static DatabaseObservations tables() {
        TableName partitioned = new TableName("public", "hashed");
        return new DatabaseObservations(
                Map.of(
                        ORDERS,
                        new TableObservation(3, "3:-17", "3:5"),
                        partitioned,
                        new TableObservation(0, "0:0", "")),
                Map.of(
                        ORDERS,
                        Set.of(ORDERS),
                        partitioned,
                        Set.of(new TableName("public", "one"), new TableName("public", "two"))),
                Map.of(ORDERS, 8192L, partitioned, 0L),
                Map.of(new TableName("public", "ids"), new SequenceObservation(Long.MAX_VALUE, true, -1, true)),
                Map.of(new TableName("public", "view"), false),
                new LargeObjects(2, Map.of(7L, "1:2"), Map.of(7L, "3:4", 8L, "5:6"), Map.of(7L, "7:8", 8L, "9:0")));
    }

    private static Manifest manifest(
            Comparison comparison, SourceObservations observations, Manifest.Definitions definitions) {
        return new Manifest(
                new Manifest.Archive("a.dump", "ab".repeat(32), 17, "pg_dump 17.5"),
                new Manifest.Source(
                        "shop",
                        "17.5",
                        "app",
                        false,
                        null,
                        true,
                        "00000003-1",
                        Instant.parse("2026-11-29T02:00:00.123456Z")),
                new Manifest.Content(
                        comparison,
                        List.of(new Role(
                                "app",
                                false,
                                false,
                                true,
                                false,
                                false,
                                true,
                                false,
                                true,
                                -1,
                                null,
                                List.of(new Role.Membership("pg_read_all_data", false, true, null)))),
                        observations,
                        List.of(new Answer(
                                "query",
                                "q",
                                "select 1",
                                "returns",
                                "1",
                                new Observation(Observation.State.HOLDS, "1"))),
                        List.of("Rows of foreign tables.")),
                definitions);
    }

    private Manifest full() throws Exception {
        Path described = description(0);
        try (var out = new GZIPOutputStream(Files.newOutputStream(described))) {
            out.write(DESCRIPTION.getBytes(StandardCharsets.UTF_8));
        }
        DescriptionFile description = DescriptionFile.open(described);
        return manifest(
                Comparison.CONTENT,
                new SourceObservations(
                        new HashOnServer(RowHash.HASH_TEXT_EXTENDED, "1,2"),
                        new SourceCatalog(
                                List.of(new SourceCatalog.SourceObject(
                                        1259, 16384, "TABLE", "public", "orders", true, 0, List.of("id"))),
                                List.of(new SourceCatalog.Attachment("COMMENT", 1259, 16384, 2))),
                        new ExtensionVersions(Map.of("hstore", "1.4"), Map.of("hstore", "1.8")),
                        new ForeignReads(Set.of(new TableName("public", "view"))),
                        tables()),
                new Manifest.Definitions("salt", List.of(description, description)));
    }

    private Manifest written() throws Exception {
        Manifest manifest = full();
        ManifestFile.write(manifest, file, "1.0.0");
        return manifest;
    }

    private String refusal() {
        Throwable refusal = catchThrowable(() -> ManifestFile.read(file, number -> {
            throw new AssertionError("Nothing may be taken out of it.");
        }));
        assertThat(refusal).isInstanceOf(CannotVerifyException.class);
        return ((CannotVerifyException) refusal).fact();
    }

    @Test
    void what_was_written_is_read_again() throws Exception {
        Manifest manifest = written();

        Manifest read = ManifestFile.read(file, this::description);

        assertThat(read.archive()).isEqualTo(manifest.archive());
        assertThat(read.source()).isEqualTo(manifest.source());
        assertThat(read.content()).isEqualTo(manifest.content());
        assertThat(read.definitions().salt()).isEqualTo("salt");
        assertThat(read.definitions().descriptions())
                .extracting(DescriptionFile::path)
                .containsExactly(description(1), description(2));
        StringWriter text = new StringWriter();
        read.definitions().descriptions().get(1).copyTo(text);
        assertThat(text).hasToString(DESCRIPTION);
    }

    @Test
    void it_is_valid_against_its_schema_and_its_last_line_can_be_checked_by_anybody() throws Exception {
        written();
        String text = Files.readString(file);
        try (var schema = ManifestFile.class.getResourceAsStream("manifest.schema.json")) {
            assertThat(SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                            .getSchema(schema, InputFormat.JSON)
                            .validate(text, InputFormat.JSON))
                    .isEmpty();
        }
        assertThat(text.lines().reduce((one, other) -> other)).contains("}");
        assertThat(text).startsWith("{\n  \"manifestVersion\": \"1.0\",\n");
    }

    @Test
    void it_omits_what_is_not_compared() throws Exception {
        SourceObservations nothing = new SourceObservations(
                null, null, new ExtensionVersions(Map.of(), Map.of()), new ForeignReads(Set.of()), null);
        Manifest manifest = manifest(Comparison.NONE, nothing, null);
        ManifestFile.write(manifest, file, "1.0.0");

        assertThat(ManifestFile.read(file, this::description)).isEqualTo(manifest);
        assertThat(Files.readString(file))
                .doesNotContain("\"tables\"", "\"objects\"", "\"rowHash\"", "\"descriptions\"");
    }

    /** Changes each byte: an archive must not be compared with a manipulated manifest. */
    @Test
    void a_file_that_was_truncated_or_changed_anywhere_is_rejected() throws Exception {
        written();
        byte[] whole = Files.readAllBytes(file);
        int header = "{\n  \"manifestVersion\": \"1.0\"".length();
        for (int place = 0; place < whole.length; place++) {
            byte[] changed = whole.clone();
            changed[place] ^= 1;
            Files.write(file, changed);
            String fact = refusal();
            if (place > header) {
                assertThat(fact).isEqualTo("The manifest " + file + CHANGED);
            }
            Files.write(file, Arrays.copyOf(whole, place));
            fact = refusal();
            if (place > header) {
                assertThat(fact).isEqualTo("The manifest " + file + CHANGED);
            }
        }
        Files.write(file, Arrays.copyOf(whole, whole.length + 1));
        assertThat(refusal()).isEqualTo("The manifest " + file + CHANGED);
    }

    @Test
    void a_newer_format_is_rejected_by_its_version() throws Exception {
        written();
        Files.writeString(file, Files.readString(file).replace("\"1.0\",\n  \"plugin\"", "\"2.0\",\n  \"plugin\""));
        assertThat(refusal())
                .isEqualTo("The manifest " + file + " has format version 2.0; this release of the plugin reads 1.x.");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "no JSON", "{}", "[1]", "{\"sha256\": \"1\"}", "{\"manifestVersion\": 7", "{\"a\": {"})
    void a_file_that_is_not_a_manifest_is_rejected(String text) throws Exception {
        Files.writeString(file, text);
        assertThat(refusal()).isEqualTo("The file " + file + " is not a manifest of this plugin.");
    }

    @Test
    void a_missing_manifest_is_rejected() {
        assertThat(refusal()).isEqualTo("The manifest " + file + " does not exist.");
    }
}
