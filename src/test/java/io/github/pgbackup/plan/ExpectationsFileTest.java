package io.github.pgbackup.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.pgbackup.expectation.Expectation;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Expectations in files, in addition to those of the POM. */
final class ExpectationsFileTest {

    private static final String SOURCE = "<source><url>jdbc:postgresql://db/shop</url></source>";
    private static final String ORDERS =
            "<!-- captured -->\n<expectations>\n<table>\n<name>shop.orders</name>\n<rows>[1,)</rows>\n</table>\n</expectations>\n";

    @TempDir
    private Path directory;

    @Test
    void files_are_added_to_each_other_and_to_the_pom() throws Exception {
        file("orders.xml", ORDERS);
        file("more/bills.xml", "<expectations><table><name>shop.bills</name></table></expectations>");

        VerificationPlan plan = read("<expectations><table><name>shop.users</name></table></expectations>"
                + "<expectationsFiles><expectationsFile>orders.xml</expectationsFile>"
                + "<expectationsFile>more/bills.xml</expectationsFile></expectationsFiles>");

        assertThat(plan.expectations())
                .extracting(Expectation::name)
                .containsExactly("shop.users", "shop.orders", "shop.bills");
        assertThat(plan.demands().expectations()).isEqualTo(3);
        assertThat(plan.parameters()).containsEntry("expectationsFiles", "orders.xml,more/bills.xml");
    }

    @Test
    void a_property_names_files_separated_by_commas() throws Exception {
        file("orders.xml", ORDERS);
        file("bills.xml", "<expectations><table><name>shop.bills</name></table></expectations>");

        assertThat(read("", Map.of("pgbackup.expectationsFiles", "orders.xml, bills.xml"))
                        .expectations())
                .hasSize(2);
    }

    @Test
    void the_place_of_an_expectation_does_not_change_the_demands() throws Exception {
        file("orders.xml", ORDERS);

        assertThat(read("<expectationsFiles>orders.xml</expectationsFiles>")
                        .demands()
                        .sha256())
                .isEqualTo(read("<expectations><table><rows>[1,)</rows><name>shop.orders</name></table></expectations>")
                        .demands()
                        .sha256());
        EvidencePlan evidence = new PlanReader(Map.<String, String>of()::get, directory)
                .readEvidence(Xml.tag("<configuration>" + SOURCE
                        + "<expectationsFiles>orders.xml</expectationsFiles></configuration>"));
        assertThat(evidence.demandsSha256())
                .isEqualTo(read("<expectationsFiles>orders.xml</expectationsFiles>")
                        .demands()
                        .sha256());
    }

    @Test
    void nothing_in_a_file_is_taken_for_a_property() throws Exception {
        file("templates.xml", """
                <expectations><column><name>a."x${y}".c</name>
                <values><value><is>Dear ${name}</is></value></values></column></expectations>""");

        assertThat(read("<expectationsFiles>templates.xml</expectationsFiles>").expectations())
                .extracting(Expectation::name)
                .containsExactly("a.\"x${y}\".c");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "<expectations>~<table>~<name>a.b</name>~<rows>few</rows></table></expectations> | f.xml:4: <expectations><table><rows> of 'a.b' is 'few'; expected a number or a range of numbers: 86 (exactly), [1,), [1,100], (,0].",
                "<expectations>~<tabel><name>a.b</name></tabel></expectations> | f.xml:2: <expectations> has an unknown tag <tabel>; did you mean <table>? Known tags: <column> <constraint> <extension> <function> <index> <materializedView> <policy> <query> <role> <schema> <sequence> <table> <trigger> <type> <view>.",
                "<expectations>~<table rows='5'><name>a.b</name></table></expectations> | f.xml:2: <expectations><table> of 'a.b' has the attribute 'rows', which has no effect; write the tag <rows> or remove it.",
                "<expectations combine.children='append'><table><name>a.b</name></table></expectations> | f.xml:1: <expectations> has the attribute 'combine.children', which has no effect; write the tag <combine.children> or remove it.",
                "<expectations><table><name>a.b</name></table>~<table><name>A.B</name></table></expectations> | f.xml:2: <expectations><table><name> repeats 'A.B'; each object may have only one expectation.",
                "<expectations>~<table><rows>1</rows></table></expectations> | f.xml:2: <expectations><table><name> of entry 1 is missing: expected schema.table.",
                "<expectations>~text</expectations> | f.xml:1: <expectations> contains no expectation.",
                "<expectations><table><name>a.b</name></table>~text</expectations> | f.xml:1: <expectations> contains text; expected the tags <column> <constraint> <extension> <function> <index> <materializedView> <policy> <query> <role> <schema> <sequence> <table> <trigger> <type> <view>.",
                "<configuration>~<expectations/></configuration> | f.xml:1: the outermost tag is <configuration>; expected <expectations>.",
                "<!DOCTYPE x [<!ENTITY e 'x'>]>~<expectations/> | f.xml:1: a document type is not supported; remove it."
            })
    void a_problem_is_reported_with_file_and_line(String xml, String sentence) throws IOException {
        file("f.xml", xml.replace("~", "\n"));

        assertThat(problems("<expectationsFiles>f.xml</expectationsFiles>")).containsExactly(sentence);
    }

    @ParameterizedTest
    @CsvSource({"<expectations>~<table>~</expectations>,3", "'',1", "<expectations/>~<expectations/>,2"})
    void xml_that_is_not_well_formed_is_reported_with_its_line(String xml, int line) throws IOException {
        file("f.xml", xml.replace("~", "\n"));

        assertThat(problems("<expectationsFiles>f.xml</expectationsFiles>"))
                .singleElement()
                .asString()
                .startsWith("f.xml:" + line + ": not well-formed XML: ")
                .endsWith("; a file must hold a single tag, <expectations>.");
    }

    @Test
    void a_missing_file_and_a_repeated_file_are_reported() throws IOException {
        file("orders.xml", ORDERS);

        assertThat(problems("<expectationsFiles>nowhere.xml</expectationsFiles>"))
                .containsExactly("nowhere.xml: the file does not exist (" + directory.resolve("nowhere.xml") + ").");
        assertThat(problems("<expectationsFiles>orders.xml,./orders.xml</expectationsFiles>"))
                .containsExactly(
                        "<expectationsFiles> (-Dpgbackup.expectationsFiles) names ./orders.xml more than once.");
        assertThat(problems("<expectationsFiles><file>orders.xml</file></expectationsFiles>"))
                .containsExactly(
                        "<expectationsFiles> has an unknown tag <file>; did you mean <expectationsFile>? Known tags: <expectationsFile>.");
    }

    @Test
    void an_object_of_the_pom_is_not_declared_again() throws IOException {
        file("orders.xml", ORDERS);

        assertThat(problems("<expectations><table><name>shop.orders</name></table></expectations>"
                        + "<expectationsFiles>orders.xml</expectationsFiles>"))
                .containsExactly(
                        "orders.xml:4: <expectations><table><name> repeats 'shop.orders'; each object may have only one expectation.");
    }

    private void file(String name, String text) throws IOException {
        Files.createDirectories(directory.resolve(name).getParent());
        Files.writeString(directory.resolve(name), text, StandardCharsets.UTF_8);
    }

    private VerificationPlan read(String xml) throws InvalidConfigurationException {
        return read(xml, Map.of());
    }

    private VerificationPlan read(String xml, Map<String, String> properties) throws InvalidConfigurationException {
        return new PlanReader(properties::get, directory)
                .read(Xml.tag("<configuration>" + SOURCE + xml + "</configuration>"));
    }

    private List<String> problems(String xml) {
        InvalidConfigurationException invalid =
                catchThrowableOfType(InvalidConfigurationException.class, () -> read(xml));
        assertThat(invalid).as(xml).isNotNull();
        return invalid.problems();
    }
}
