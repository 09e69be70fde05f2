package io.github.pgbackup.report;

import io.github.pgbackup.evidence.Check;
import io.github.pgbackup.evidence.VerificationReport;
import io.github.pgbackup.fault.TestedFault;
import java.io.StringWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/**
 * {@code TEST-verify-backup.xml}: a test case for each check, in the format of Surefire's test reports
 * (surefire-test-report.xsd), which CI servers read. If the run could not be completed, an error follows the checks
 * that were made, so that nobody takes the suite for one without failures.
 */
final class TestReportXml {

    private static final String SUITE = "verify-backup";

    private final XMLStreamWriter xml;

    private TestReportXml(XMLStreamWriter xml) {
        this.xml = xml;
    }

    static String of(VerificationReport report) {
        StringWriter text = new StringWriter();
        try {
            XMLStreamWriter xml = XMLOutputFactory.newDefaultFactory().createXMLStreamWriter(text);
            new TestReportXml(xml).write(report);
            xml.close();
        } catch (XMLStreamException e) {
            throw new IllegalStateException("writing to memory cannot fail", e);
        }
        return text + "\n";
    }

    private void write(VerificationReport report) throws XMLStreamException {
        Optional<VerificationReport.Problem> problem = report.outcome().problem();
        int errors = problem.isPresent() ? 1 : 0;
        xml.writeStartDocument("UTF-8", "1.0");
        line(0);
        xml.writeStartElement("testsuite");
        attribute("name", SUITE);
        attribute("time", seconds(report.outcome().duration()));
        attribute("tests", String.valueOf(report.checks().size() + errors));
        attribute("errors", String.valueOf(errors));
        attribute("skipped", "0");
        attribute("failures", String.valueOf(report.failedChecks().size()));
        line(1);
        xml.writeStartElement("properties");
        for (Map.Entry<String, String> property : properties(report)) {
            property(property.getKey(), property.getValue());
        }
        line(1);
        xml.writeEndElement();
        if (problem.isPresent()) {
            error(problem.get());
        }
        for (Check check : report.checks()) {
            check(check);
        }
        line(0);
        xml.writeEndElement();
        xml.writeEndDocument();
    }

    private static List<Map.Entry<String, String>> properties(VerificationReport report) {
        List<Map.Entry<String, String>> properties = new ArrayList<>();
        properties.add(Map.entry("verdict", report.verdict().toString()));
        properties.add(Map.entry("plugin", report.outcome().plugin()));
        properties.add(Map.entry("startedAt", report.outcome().startedAt().toString()));
        report.acquired().source().ifPresent(source -> {
            properties.add(Map.entry("database", source.database()));
            properties.add(Map.entry("server", source.address()));
            properties.add(Map.entry("role", source.role()));
        });
        report.acquired().archive().ifPresent(archive -> {
            properties.add(Map.entry("archive", archive.path()));
            properties.add(Map.entry("sha256", archive.sha256()));
        });
        report.used().expectationTest().ifPresent(test -> {
            properties.add(Map.entry("faults", String.valueOf(test.viable())));
            properties.add(Map.entry("faultsCaught", String.valueOf(test.count(TestedFault.Outcome.CAUGHT))));
        });
        report.used().rehearsal().ifPresent(rehearsal -> {
            properties.add(Map.entry("rehearsal", RehearsalText.headline(rehearsal)));
            RehearsalText.findings(rehearsal)
                    .forEach(finding -> properties.add(Map.entry("rehearsalFinding", Printable.flowing(finding))));
        });
        return properties;
    }

    private void property(String name, String value) throws XMLStreamException {
        line(2);
        xml.writeEmptyElement("property");
        attribute("name", name);
        attribute("value", value);
    }

    private void error(VerificationReport.Problem problem) throws XMLStreamException {
        startTestCase("run", "the verification was completed");
        line(2);
        xml.writeStartElement("error");
        attribute("message", Printable.flowing(problem.fact()));
        attribute("type", "NOT_VERIFIED");
        text(problem.fact());
        for (String item : problem.items()) {
            line(0);
            text("- " + item);
        }
        if (!problem.remedy().isEmpty()) {
            line(0);
            text(problem.remedy());
        }
        xml.writeEndElement();
        endTestCase();
    }

    private void check(Check check) throws XMLStreamException {
        startTestCase(check.group(), check.title());
        if (check.passed()) {
            xml.writeEndElement();
            return;
        }
        line(2);
        xml.writeStartElement("failure");
        attribute("message", Printable.flowing("expected " + check.expected() + ", actual " + check.actual()));
        attribute("type", check.group());
        for (Map.Entry<String, String> observation : observations(check)) {
            line(0);
            text(String.format(Locale.ROOT, "%-10s", observation.getKey() + ":") + observation.getValue());
        }
        for (String each : UnifiedDiff.of(check)) {
            line(0);
            text(each);
        }
        if (check.hint().isPresent()) {
            line(0);
            text(check.hint().get());
        }
        xml.writeEndElement();
        endTestCase();
    }

    private static List<Map.Entry<String, String>> observations(Check check) {
        return check.observations()
                .map(observations -> List.of(
                        Map.entry("expected", check.expected()),
                        Map.entry("archive", observations.archive().text()),
                        Map.entry("restored", observations.restored().text()),
                        Map.entry("source", observations.source().text())))
                .orElseGet(() -> List.of(Map.entry("expected", check.expected()), Map.entry("actual", check.actual())));
    }

    private void startTestCase(String group, String name) throws XMLStreamException {
        line(1);
        xml.writeStartElement("testcase");
        attribute("name", name);
        attribute("classname", SUITE + "." + group);
        attribute("time", seconds(Duration.ZERO)); // checks are not timed, but the schema requires a time
    }

    private void endTestCase() throws XMLStreamException {
        line(1);
        xml.writeEndElement();
    }

    /** Printable text is also legal in XML, which cannot represent U+0000 or half of a surrogate pair. */
    private void attribute(String name, String value) throws XMLStreamException {
        xml.writeAttribute(name, Printable.text(value));
    }

    private void text(String value) throws XMLStreamException {
        xml.writeCharacters(String.join("\n", Printable.lines(value)));
    }

    private void line(int depth) throws XMLStreamException {
        xml.writeCharacters("\n" + "  ".repeat(depth));
    }

    private static String seconds(Duration duration) {
        return String.format(Locale.ROOT, "%.3f", duration.toMillis() / 1000.0);
    }
}
