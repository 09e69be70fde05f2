package io.github.pgbackup.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import javax.xml.XMLConstants;
import javax.xml.transform.stream.StreamSource;
import javax.xml.validation.SchemaFactory;
import javax.xml.validation.Validator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.xml.sax.SAXException;

/**
 * The schema of expectation files is generated from the model of all tags; {@code -Dpgbackup.docs} writes it. Files
 * that the reader accepts are valid, and the reader rejects files that are not valid.
 */
public final class ExpectationsSchemaTest {

    private static final Path DOCUMENT = Path.of("docs/expectations.xsd");
    private static final Path PACKAGED = Path.of("src/main/resources/io/github/pgbackup/expectations.xsd");

    private static final KnownTag MODEL = Tags.all().stream()
            .filter(tag -> tag.name().equals("expectations"))
            .findFirst()
            .orElseThrow();

    @Test
    void the_schema_says_what_the_model_says() throws IOException {
        String schema = schema();
        if (Boolean.getBoolean("pgbackup.docs")) {
            Files.writeString(DOCUMENT, schema);
            Files.writeString(PACKAGED, schema);
        }

        assertThat(DOCUMENT).content().isEqualTo(schema);
        assertThat(PACKAGED).content().isEqualTo(schema);
    }

    static Stream<String> samples() {
        return MODEL.children().stream()
                .map(tag -> "<expectations>" + String.join("\n", tag.xml()) + "</expectations>");
    }

    @ParameterizedTest
    @MethodSource("samples")
    void every_example_is_valid(String xml) {
        assertThatCode(() -> validate(xml)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<expectations><table><rows>[1,)</rows><name>a.b</name></table></expectations>",
                "<expectations><table><name> a.b </name><present> true </present></table></expectations>",
                "<expectations><sequence><name>a.b</name><lastValue>[-5,5]</lastValue></sequence></expectations>",
                "<expectations><column><name>a.b.c</name><values><value><is/></value></values><others>true</others></column></expectations>",
                "<expectations><column><name>a.b.c</name><values><value><is>x</is></value><others>true</others></values></column></expectations>",
                "<expectations><table><name>a.b</name><rows>(,5]</rows></table></expectations>"
            })
    void what_the_reader_accepts_is_valid(String xml) {
        assertThat(StrictReader.problems("check-evidence", "<identity><database>d</database></identity>" + xml))
                .isEmpty();
        assertThatCode(() -> validate(xml)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<expectations><tabel><name>a.b</name></tabel></expectations>",
                "<expectations><table><rows>1</rows></table></expectations>",
                "<expectations><table><name> </name></table></expectations>",
                "<expectations><table><name>a.b</name><role>r</role></table></expectations>",
                "<expectations><table><name>a.b</name><rows>few</rows></table></expectations>",
                "<expectations><table><name>a.b</name><rows>-1</rows></table></expectations>",
                "<expectations><table><name>a.b</name><rows>(,)</rows></table></expectations>",
                "<expectations><table><name>a.b</name><rows>[,5]</rows></table></expectations>",
                "<expectations><table><name>a.b</name><present>yes</present></table></expectations>",
                "<expectations><table><name>a.b</name><rows>1</rows><rows>2</rows></table></expectations>",
                "<expectations><table><name>a.b</name></table><table><name>a.b</name></table></expectations>",
                "<expectations><table id='x'><name>a.b</name></table></expectations>",
                "<expectations><table>text<name>a.b</name></table></expectations>",
                "<expectations><sequence><name>a.b</name><lastValue>1.5</lastValue></sequence></expectations>",
                "<expectations><column><name>a.b.c</name><values/></column></expectations>",
                "<expectations><column><name>a.b.c</name><values><value><rows>1</rows></value></values></column></expectations>",
                "<expectations><query><name>q</name><sql>SELECT 1</sql></query></expectations>"
            })
    void invalid_files_are_rejected_by_the_schema_and_by_the_reader(String xml) {
        assertThatThrownBy(() -> validate(xml)).isInstanceOf(SAXException.class);
        assertThat(StrictReader.problems("check-evidence", "<identity><database>d</database></identity>" + xml))
                .isNotEmpty();
    }

    /**
     * Validates a file against the packaged schema.
     *
     * @throws SAXException when it is not valid
     */
    public static void validate(String xml) throws SAXException, IOException {
        SchemaFactory factory = SchemaFactory.newInstance(XMLConstants.W3C_XML_SCHEMA_NS_URI);
        Validator validator = factory.newSchema(
                        ExpectationsSchemaTest.class.getResource("/io/github/pgbackup/expectations.xsd"))
                .newValidator();
        validator.validate(new StreamSource(new StringReader(xml)));
    }

    // ---- the schema ----

    private static String schema() {
        StringBuilder xsd = new StringBuilder("""
                <?xml version="1.0" encoding="UTF-8"?>
                <!-- Written by ExpectationsSchemaTest -Dpgbackup.docs=true; do not edit. -->
                <xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
                    <xs:annotation>
                        <xs:documentation>What a backup of a PostgreSQL database must hold: a file of expectations of pgbackup-maven-plugin.</xs:documentation>
                    </xs:annotation>
                    <xs:element name="expectations">
                        <xs:complexType>
                            <xs:choice maxOccurs="unbounded">
                """);
        MODEL.children().forEach(kind -> element(xsd, " ".repeat(16), kind, ""));
        xsd.append("""
                            </xs:choice>
                        </xs:complexType>
                """);
        for (KnownTag kind : MODEL.children()) {
            xsd.append("        <xs:unique name=\"one-").append(kind.name()).append("-of-a-name\">\n");
            xsd.append("            <xs:selector xpath=\"").append(kind.name()).append("\"/>\n");
            xsd.append("            <xs:field xpath=\"name\"/>\n        </xs:unique>\n");
        }
        return xsd + """
                    </xs:element>
                    <xs:simpleType name="text">
                        <xs:restriction base="xs:string">
                            <xs:pattern value="\\s*\\S[\\s\\S]*"/>
                        </xs:restriction>
                    </xs:simpleType>
                    <xs:simpleType name="flag">
                        <xs:restriction base="xs:token">
                            <xs:enumeration value="true"/>
                            <xs:enumeration value="false"/>
                        </xs:restriction>
                    </xs:simpleType>
                    <xs:simpleType name="count">
                        <xs:annotation>
                            <xs:documentation>A number of rows or a range: 86 (exactly), [1,), [1,100], (,0]</xs:documentation>
                        </xs:annotation>
                        <xs:restriction base="xs:token">
                            <xs:pattern value="%1$s"/>
                        </xs:restriction>
                    </xs:simpleType>
                    <xs:simpleType name="wholes">
                        <xs:annotation>
                            <xs:documentation>A whole number or a range: 86 (exactly), [1,), [-5,5], (,0]</xs:documentation>
                        </xs:annotation>
                        <xs:restriction base="xs:token">
                            <xs:pattern value="%2$s"/>
                        </xs:restriction>
                    </xs:simpleType>
                </xs:schema>
                """.formatted(range(" ?\\d+ ?"), range(" ?-?\\d+ ?"));
    }

    /** An exact value, or a range with one or two ends; an open end has a round bracket. */
    private static String range(String number) {
        return "N|\\[N\\]|\\[N,(N\\]|N\\)| ?\\))|\\(N,(N\\]|N\\)| ?\\))|\\( ?,N(\\]|\\))".replace("N", number);
    }

    private static void element(StringBuilder xsd, String indent, KnownTag tag, String occurs) {
        xsd.append(indent)
                .append("<xs:element name=\"")
                .append(tag.name())
                .append('"')
                .append(occurs);
        if (tag.children().isEmpty()) {
            xsd.append(" type=\"").append(type(tag)).append('"');
        }
        xsd.append(">\n");
        xsd.append(indent).append("    <xs:annotation>\n");
        xsd.append(indent)
                .append("        <xs:documentation>")
                .append(tag.description().replace("&", "&amp;").replace("<", "&lt;"))
                .append("</xs:documentation>\n");
        xsd.append(indent).append("    </xs:annotation>\n");
        if (!tag.children().isEmpty()) {
            children(xsd, indent + "    ", tag);
        }
        xsd.append(indent).append("</xs:element>\n");
    }

    /** A section allows each tag once, in any order; a list allows any number, with a scalar before or after them. */
    private static void children(StringBuilder xsd, String indent, KnownTag tag) {
        xsd.append(indent).append("<xs:complexType>\n");
        if (tag.type() == KnownTag.Type.SECTION) {
            xsd.append(indent).append("    <xs:all>\n");
            for (KnownTag child : tag.children()) {
                element(xsd, indent + "        ", child, child.required() ? "" : " minOccurs=\"0\"");
            }
            xsd.append(indent).append("    </xs:all>\n");
        } else {
            List<KnownTag> scalars = tag.children().stream()
                    .filter(child -> child.children().isEmpty())
                    .toList();
            xsd.append(indent).append("    <xs:sequence>\n");
            scalars.forEach(child -> element(xsd, indent + "        ", child, " minOccurs=\"0\""));
            tag.children().stream()
                    .filter(child -> !child.children().isEmpty())
                    .forEach(child -> element(xsd, indent + "        ", child, " maxOccurs=\"unbounded\""));
            scalars.forEach(child -> element(xsd, indent + "        ", child, " minOccurs=\"0\""));
            xsd.append(indent).append("    </xs:sequence>\n");
        }
        xsd.append(indent).append("</xs:complexType>\n");
    }

    private static String type(KnownTag tag) {
        return switch (tag.type()) {
            case FLAG -> "flag";
            case COUNT -> "count";
            case WHOLES -> "wholes";
            default -> tag.required() && !tag.attributes().containsKey("empty") ? "text" : "xs:string";
        };
    }
}
