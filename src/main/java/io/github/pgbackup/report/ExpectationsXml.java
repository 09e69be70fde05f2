package io.github.pgbackup.report;

import io.github.pgbackup.expectation.CapturedExpectation;
import io.github.pgbackup.fault.Suggestion;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Captured expectations as the tag {@code <expectations>} of a POM. Leaves out what a POM cannot hold, and says so in a
 * comment: characters that XML does not have, white space at either end of a text, which Maven cuts off, and text that
 * Maven would take for a property.
 */
public final class ExpectationsXml {

    /** Where editors find the schema of an expectations file. */
    private static final String SCHEMA =
            "https://raw.githubusercontent.com/pgbackup/pgbackup-maven-plugin/main/docs/expectations.xsd";

    private static final String BEGIN = "<expectations xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"\n"
            + "              xsi:noNamespaceSchemaLocation=\"" + SCHEMA + "\">\n";

    private static final String LEFT_OUT = " is left out: a POM cannot hold it";

    private final StringBuilder xml = new StringBuilder();

    private ExpectationsXml() {}

    /** The tag, with a comment before it. */
    public static String of(List<CapturedExpectation> expectations, String comment) {
        ExpectationsXml written = new ExpectationsXml();
        written.comment("", comment);
        written.xml.append(BEGIN);
        expectations.forEach(written::write);
        return written.xml.append("</expectations>\n").toString();
    }

    /** One expectation. */
    static String of(Suggestion suggestion) {
        ExpectationsXml written = new ExpectationsXml();
        written.write("", suggestion.tag(), suggestion.children());
        return written.xml.toString();
    }

    /** The tag that tolerates a difference. The user has to write the reason. */
    static String toleratedDifference(String object) {
        ExpectationsXml written = new ExpectationsXml();
        Map<String, String> children = new LinkedHashMap<>();
        children.put("object", object);
        children.put("reason", "WHY IT IS HARMLESS");
        written.write("", "toleratedDifference", children);
        return written.xml.toString();
    }

    /**
     * Suggestions in one tag. Suggestions about the same object become one expectation; if they differ, the first one
     * counts.
     */
    static String ofAll(List<Suggestion> suggestions, String comment) {
        Map<String, Suggestion> merged = new LinkedHashMap<>();
        for (Suggestion each : suggestions) {
            merged.merge(each.tag() + ' ' + each.children().get("name"), each, (one, other) -> {
                Map<String, String> both = new LinkedHashMap<>(one.children());
                other.children().forEach(both::putIfAbsent);
                return new Suggestion(one.tag(), both);
            });
        }
        ExpectationsXml written = new ExpectationsXml();
        written.comment("", comment);
        written.xml.append(BEGIN);
        merged.values().forEach(each -> written.write("    ", each.tag(), each.children()));
        return written.xml.append("</expectations>\n").toString();
    }

    private void write(String indent, String tag, Map<String, String> children) {
        if (!children.values().stream().allMatch(ExpectationsXml::isHeld)) {
            comment(indent, tag + " " + children.getOrDefault("name", children.get("object")) + LEFT_OUT);
            return;
        }
        xml.append(indent).append('<').append(tag).append(">\n");
        children.forEach((name, text) -> element(indent + "    ", name, text));
        xml.append(indent).append("</").append(tag).append(">\n");
    }

    private void write(CapturedExpectation expectation) {
        String kind = expectation.kind().tag();
        if (!isHeld(expectation.name())) {
            comment("    ", kind + " " + expectation.name() + LEFT_OUT);
            return;
        }
        xml.append("    <").append(kind).append(">\n");
        element("        ", "name", expectation.name());
        expectation.claims().forEach((aspect, text) -> {
            if (isHeld(text)) {
                element("        ", aspect, text);
            } else {
                comment("        ", aspect + " " + text + LEFT_OUT);
            }
        });
        if (!expectation.values().isEmpty()) {
            values(expectation.values());
        }
        xml.append("    </").append(kind).append(">\n");
    }

    private void values(List<CapturedExpectation.Value> values) {
        List<CapturedExpectation.Value> held =
                values.stream().filter(value -> isHeld(value.is())).toList();
        int others = values.size() - held.size();
        if (others > 0) {
            comment("        ", "values left out because a POM cannot hold them: " + others);
        }
        if (held.isEmpty()) {
            return;
        }
        xml.append("        <values>\n");
        for (CapturedExpectation.Value value : held) {
            xml.append("            <value>\n");
            element("                ", "is", value.is());
            element("                ", "rows", String.valueOf(value.rows()));
            xml.append("            </value>\n");
        }
        xml.append("        </values>\n");
        if (others > 0) {
            element("        ", "others", "true");
        }
    }

    private void element(String indent, String tag, String text) {
        xml.append(indent).append('<').append(tag).append('>');
        text.codePoints().forEach(c -> {
            switch (c) {
                case '&' -> xml.append("&amp;");
                case '<' -> xml.append("&lt;");
                case '>' -> xml.append("&gt;");
                // A parser would turn it into a line feed.
                case '\r' -> xml.append("&#13;");
                default -> xml.appendCodePoint(c);
            }
        });
        xml.append("</").append(tag).append(">\n");
    }

    private void comment(String indent, String text) {
        xml.append(indent)
                .append("<!-- ")
                .append(Printable.text(text).replace("--", "- -"))
                .append(" -->\n");
    }

    /** Whether a tag's text comes out of a POM unchanged. */
    private static boolean isHeld(String text) {
        return text.equals(text.trim())
                && !text.contains("${")
                && text.codePoints().allMatch(ExpectationsXml::isXmlCharacter);
    }

    /** Whether XML 1.0 allows the character (production 2). */
    private static boolean isXmlCharacter(int c) {
        return c == '\t'
                || c == '\n'
                || c == '\r'
                || c >= 0x20 && c <= 0xD7FF
                || c >= 0xE000 && c <= 0xFFFD
                || c >= 0x1_0000;
    }
}
