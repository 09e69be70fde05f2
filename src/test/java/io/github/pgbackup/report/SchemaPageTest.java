package io.github.pgbackup.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgbackup.evidence.EvidenceFile;
import io.github.pgbackup.evidence.VerificationReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SchemaPageTest {

    private static final String SCRIPT = """
            SET statement_timeout = 0;

            --
            -- Name: app; Type: SCHEMA; Schema: -; Owner: app
            --

            CREATE SCHEMA app;

            --
            -- Name: orders; Type: TABLE; Schema: app; Owner: app
            --

            CREATE TABLE app.orders (
            \tid integer -- <b>
            );

            --
            -- Name: orders orders_pkey; Type: CONSTRAINT; Schema: app; Owner: app
            --

            --
            -- Name: f(integer, text); Type: FUNCTION; Schema: app; Owner: app
            --
            """;

    @TempDir
    Path folder;

    private SchemaPage page() throws IOException {
        Files.createDirectories(folder.resolve("schema"));
        Files.writeString(folder.resolve("schema/shop.sql"), SCRIPT);
        return SchemaPage.of(folder).orElseThrow();
    }

    @Test
    void a_difference_links_to_its_object_or_to_the_object_that_contains_it() throws IOException {
        assertThat(page().link("SCHEMA app")).isEqualTo("schema/index.html#l4");
        assertThat(page().link("TABLE app.orders")).isEqualTo("schema/index.html#l10");
        assertThat(page().link("TABLE app.orders row security")).isEqualTo("schema/index.html#l10");
        assertThat(page().link("COLUMN app.orders.id")).isEqualTo("schema/index.html#l10");
        assertThat(page().link("CONSTRAINT app.orders orders_pkey")).isEqualTo("schema/index.html#l18");
        assertThat(page().link("FUNCTION app.f(integer, text) source")).isEqualTo("schema/index.html#l22");
    }

    @Test
    void an_object_that_the_archive_does_not_define_has_no_link() throws IOException {
        assertThat(page().link("VIEW other.made_in_the_restored_database")).isNull();
        assertThat(page().link("LARGE OBJECTS")).isNull();
    }

    @Test
    void the_page_has_an_anchor_at_each_object_and_keeps_the_lines() throws IOException {
        assertThat(page().html())
                .contains("<b id=\"l10\">-- Name: orders; Type: TABLE; Schema: app; Owner: app</b>\n--\n\n"
                        + "CREATE TABLE app.orders (\n    id integer -- &lt;b&gt;\n);")
                .doesNotContain("<script");
    }

    @Test
    void the_page_of_the_run_links_to_the_schema_and_both_are_written() throws IOException {
        VerificationReport report = Pages.failedWith(2);
        Files.createDirectories(folder.resolve("schema"));
        Files.createDirectories(folder.resolve("probe"));
        Files.writeString(folder.resolve("schema/shop.sql"), Pages.schema());

        Evidence.write(report, folder);

        assertThat(EvidenceFile.PAGE.in(folder))
                .content()
                .contains("<a href=\"schema/index.html#l6\">Definition in the archive</a>");
        assertThat(EvidenceFile.SCHEMA_PAGE.in(folder)).content().contains("<b id=\"l6\">");
        assertThat(EvidenceFile.CHECKSUMS.in(folder)).content().contains("  schema/index.html\n");
    }

    @Test
    void a_script_of_more_than_5_MB_has_no_page() throws IOException {
        Path script = Files.createDirectories(folder.resolve("schema")).resolve("shop.sql");

        Files.writeString(script, "-\n".repeat(2_500_000));
        assertThat(SchemaPage.of(folder)).isPresent();

        Files.writeString(script, "-\n".repeat(2_500_000) + "-");
        assertThat(SchemaPage.of(folder)).isEmpty();
    }

    @Test
    void a_run_without_a_schema_script_has_no_page_for_it() throws IOException {
        assertThat(SchemaPage.of(folder)).isEmpty();
    }
}
