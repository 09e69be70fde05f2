package io.github.pgbackup.report;

import com.samskivert.mustache.Template;
import io.github.pgbackup.evidence.EvidenceFile;
import io.github.pgbackup.evidence.Verdict;
import io.github.pgbackup.evidence.VerificationReport;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The page of all executions of one build, with a link to the page of each. */
public final class BuildPage {

    /** Its name, next to the folders that it lists. */
    public static final String FILE = "verify-backup-index.html";

    private static final Template TEMPLATE = HtmlPage.template("build");

    /** An unverified backup is worse than one that is known to be bad. */
    private static final List<String> WORST_FIRST = Stream.of(Verdict.NOT_VERIFIED, Verdict.FAIL, Verdict.PASS)
            .map(Verdict::toString)
            .toList();

    private final List<Line> lines;

    private BuildPage(List<Line> lines) {
        this.lines = lines;
    }

    /** An execution. The link is relative to the page. */
    record Line(
            String verdict,
            String database,
            String server,
            String headline,
            String startedAt,
            String link,
            String execution) {
        boolean passed() {
            return verdict.equals(Verdict.PASS.toString());
        }
    }

    /**
     * What the page says about an execution, in types that every class loader knows.
     *
     * @param execution name of the execution
     * @param folder its evidence
     */
    public static Map<String, String> line(VerificationReport report, String execution, Path folder) {
        Optional<Subject> subject = Subject.of(report);
        return Map.of(
                "verdict", report.verdict().toString(),
                "database", subject.map(Subject::database).orElse("not known"),
                "server", subject.map(Subject::server).orElse(""),
                "headline", Wording.headline(report),
                "startedAt", Wording.time(report.outcome().startedAt()),
                "folder", folder.toAbsolutePath().normalize().toString(),
                "execution", execution);
    }

    /** Writes the page of these executions. */
    public static void write(Path page, Collection<Map<String, String>> executions) throws IOException {
        AtomicFile.write(page, of(page, executions));
    }

    static String of(Path page, Collection<Map<String, String>> executions) {
        Path from = page.toAbsolutePath().normalize();
        List<Line> lines = executions.stream()
                .map(each -> new Line(
                        each.getOrDefault("verdict", ""),
                        each.getOrDefault("database", ""),
                        each.getOrDefault("server", ""),
                        each.getOrDefault("headline", ""),
                        each.getOrDefault("startedAt", ""),
                        link(from, Path.of(each.getOrDefault("folder", ""))),
                        each.getOrDefault("execution", "")))
                .sorted(Comparator.comparing((Line line) -> WORST_FIRST.indexOf(line.verdict()))
                        .thenComparing(Line::database)
                        .thenComparing(Line::execution))
                .toList();
        return TEMPLATE.execute(new BuildPage(lines));
    }

    /**
     * A relative link, so that page and folder can be moved together. Each name is percent-encoded, because the link is
     * a URL.
     */
    private static String link(Path page, Path folder) {
        Path link = page.relativize(EvidenceFile.PAGE.in(folder)); // it begins with .., which leads away from the page
        List<String> names = new ArrayList<>();
        link.subpath(1, link.getNameCount()).forEach(name -> names.add(encoded(name.toString())));
        return String.join("/", names);
    }

    /** Percent-encodes a name (RFC 3986, section 2.3). */
    private static String encoded(String name) {
        StringBuilder encoded = new StringBuilder();
        for (byte each : name.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (each & 0xFF);
            if (c < 0x80 && (Character.isLetterOrDigit(c) || "-._~".indexOf(c) >= 0)) {
                encoded.append(c);
            } else {
                encoded.append(String.format("%%%02X", (int) c));
            }
        }
        return encoded.toString();
    }

    // ---- what the template reads ----

    List<Line> lines() {
        return lines;
    }

    /** The worst verdict of all executions. */
    String verdict() {
        return WORST_FIRST.stream()
                .filter(verdict ->
                        lines.stream().anyMatch(line -> line.verdict().equals(verdict)))
                .findFirst()
                .orElse(Verdict.PASS.toString());
    }

    String count() {
        return Wording.plural(lines.size(), "execution");
    }

    String headline() {
        Map<String, Long> counts = lines.stream().collect(Collectors.groupingBy(Line::verdict, Collectors.counting()));
        return Stream.of(Verdict.values())
                .map(Verdict::toString)
                .filter(counts::containsKey)
                .map(verdict -> Wording.number(counts.getOrDefault(verdict, 0L)) + " " + verdict)
                .collect(Collectors.joining(", ", count() + ": ", "."));
    }
}
