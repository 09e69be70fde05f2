package io.github.pgbackup.report;

import com.samskivert.mustache.Template;
import io.github.pgbackup.evidence.EvidenceFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * {@code schema/index.html}: the archive's schema script with an anchor at each object, so that a difference can link
 * to the definition. Browsers cannot jump to a line number in a {@code .sql} file.
 */
final class SchemaPage {

    private static final Template TEMPLATE = HtmlPage.template("schema");

    /**
     * Maximum size of a script in bytes; a longer one has no page. Up to this size, a browser shows the page without
     * delay, and a heap of 128 MiB has room to make it.
     */
    private static final long LONGEST = 5_000_000;

    /** The comment that pg_dump writes before each entry. In a name, pg_dump replaces a line break with a blank. */
    private static final Pattern ENTRY = Pattern.compile("-- Name: (.*); Type: ([A-Z ]+); Schema: (.*); Owner: .*");

    private final String script;
    private final List<Line> lines = new ArrayList<>();

    /** Line numbers by kind and name, {@code VIEW app.recent}, and by the name alone, {@code app.recent}. */
    private final Map<String, Integer> objects = new HashMap<>();

    private SchemaPage(String script, List<String> text) {
        this.script = script;
        for (String line : text) {
            Matcher entry = ENTRY.matcher(line);
            boolean found = entry.matches();
            if (found) {
                String schema = entry.group(3);
                String name = schema.equals("-") ? entry.group(1) : schema + "." + entry.group(1);
                objects.putIfAbsent(entry.group(2) + " " + name, lines.size() + 1);
                objects.putIfAbsent(name, lines.size() + 1);
            }
            lines.add(new Line(found ? lines.size() + 1 : null, line.replace("\t", "    ")));
        }
    }

    /** A line of the script. A line at which an object begins has a number to link to. */
    record Line(@Nullable Integer number, String text) {
        @Nullable String anchor() {
            return number == null ? null : "l" + number;
        }
    }

    /** The page of the script in an evidence folder; empty if the run wrote none. */
    static Optional<SchemaPage> of(Path folder) throws IOException {
        Path scripts = EvidenceFile.SCHEMA.in(folder);
        if (!Files.isDirectory(scripts)) {
            return Optional.empty();
        }
        try (Stream<Path> files = Files.list(scripts)) {
            Optional<Path> script = files.filter(file -> file.toString().endsWith(".sql"))
                    .sorted()
                    .findFirst();
            return script.isEmpty() || Files.size(script.get()) > LONGEST
                    ? Optional.empty()
                    : Optional.of(
                            new SchemaPage(script.get().getFileName().toString(), Files.readAllLines(script.get())));
        }
    }

    String html() {
        return TEMPLATE.execute(this);
    }

    /**
     * A link from the page of the run to the definition of an object.
     *
     * @param difference kind, name and possibly a property or a part of the object: {@code COLUMN app.orders.total}
     * @return null if the script does not define the object
     */
    @Nullable String link(String difference) {
        String withKind = difference;
        String name = difference.replaceFirst("^[A-Z ]+ (?=\\S)", "");
        while (!withKind.isEmpty()) {
            Integer line = objects.get(withKind);
            line = line == null ? objects.get(name) : line;
            if (line != null) {
                return EvidenceFile.SCHEMA_PAGE + "#l" + line;
            }
            withKind = withoutLastWord(withKind);
            name = withoutLastWord(name);
        }
        return null;
    }

    /** The name up to its last dot: for a column, its table. */
    private static String withoutLastWord(String name) {
        return name.substring(0, Math.max(0, Math.max(name.lastIndexOf(' '), name.lastIndexOf('.'))));
    }

    // ---- what the template reads ----

    String script() {
        return script;
    }

    List<Line> lines() {
        return lines;
    }
}
