package io.github.pgbackup.report;

import com.samskivert.mustache.Escapers;
import com.samskivert.mustache.Mustache;
import com.samskivert.mustache.Template;
import io.github.pgbackup.verification.Check;
import io.github.pgbackup.verification.VerificationReport;
import io.github.pgbackup.verification.VerificationReport.GradedError;
import io.github.pgbackup.verification.VerificationReport.TableRows;
import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * {@code index.html}: the report as one page that needs nothing beside it. Its text and order are in
 * {@code index.mustache}, its looks in {@code index.css}; this class adds the geometry of the pictures.
 *
 * <p>All text is escaped where the template writes it, by the one escaper given here; and the page's own policy
 * (Content-Security-Policy) lets it run no script and load nothing, should a text come through all the same.
 */
final class HtmlPage {

    /** So many tables have a place of their own; the others can be unfolded. */
    private static final int LARGEST = 20;

    /** The least width of a bar that stands for something, in hundredths of its picture. */
    private static final double VISIBLE = 0.5;

    private static final Template TEMPLATE = template();

    private final VerificationReport report;

    private HtmlPage(VerificationReport report) {
        this.report = report;
    }

    static String of(VerificationReport report) {
        return TEMPLATE.execute(new HtmlPage(report));
    }

    private static Template template() {
        return Mustache.compiler()
                .withEscaper(text -> Escapers.HTML.escape(Printable.text(text)))
                .withFormatter(HtmlPage::shown)
                .withLoader(name -> resource(name.endsWith(".css") ? name : name + ".mustache"))
                .emptyStringIsFalse(true)
                .strictSections(true)
                .loadTemplate("index");
    }

    private static Reader resource(String name) {
        try (InputStream file = HtmlPage.class.getResourceAsStream(name)) {
            return new StringReader(
                    new String(Objects.requireNonNull(file, name).readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String shown(Object value) {
        if (value instanceof Instant instant) {
            return Wording.time(instant);
        }
        if (value instanceof Duration duration) {
            return Wording.duration(duration);
        }
        if (value instanceof Double coordinate) {
            return String.format(Locale.ROOT, "%.2f", coordinate);
        }
        if (value instanceof Number number) {
            return Wording.number(number.longValue());
        }
        return value.toString();
    }

    // ---- what the template reads, besides the report itself; null leaves a part of the page out ----

    /** A part of the page that lists something, and is not there when there is nothing to list. */
    record Listing<T>(List<T> items) {
        static <T> @Nullable Listing<T> of(List<T> items) {
            return items.isEmpty() ? null : new Listing<>(items);
        }

        static @Nullable Listing<Fact> of(Map<String, String> facts) {
            return of(facts.entrySet().stream()
                    .map(fact -> new Fact(fact.getKey(), fact.getValue()))
                    .toList());
        }
    }

    record Fact(String name, String value) {}

    /** A bar that ends at the width, and a mark where it should end at the latest. */
    record BudgetBar(double width, double limit, boolean over) {}

    record StageLine(VerificationReport.Stage stage, double x, double width) {}

    /** The source's number is empty for what is no object of its own there. */
    record KindLine(String name, String source, int count, double width) {}

    record TableLine(
            String name, String source, String restored, boolean differs, double sourceWidth, double restoredWidth) {}

    VerificationReport report() {
        return report;
    }

    String headline() {
        return Wording.headline(report);
    }

    @Nullable String archiveSize() {
        VerificationReport.Archive archive = report.archive();
        return archive == null ? null : Wording.size(archive.bytes());
    }

    @Nullable Listing<Check> failed() {
        return Listing.of(report.failedChecks());
    }

    /** The failed ones first. */
    @Nullable Listing<Check> checks() {
        return Listing.of(Stream.concat(
                        report.failedChecks().stream(), report.checks().stream().filter(Check::passed))
                .toList());
    }

    @Nullable Listing<GradedError> harmful() {
        return Listing.of(errors().stream().filter(error -> !error.harmless()).toList());
    }

    @Nullable Listing<GradedError> restoreErrors() {
        return Listing.of(errors());
    }

    private List<GradedError> errors() {
        VerificationReport.Restore restore = report.restore();
        return restore == null ? List.of() : restore.errors();
    }

    @Nullable Listing<String> warnings() {
        return Listing.of(report.warnings());
    }

    @Nullable Listing<String> notContained() {
        return Listing.of(report.doesNotContain());
    }

    @Nullable Listing<Fact> isolationFacts() {
        VerificationReport.Target target = report.target();
        return target == null ? null : Listing.of(target.isolation());
    }

    @Nullable Listing<Fact> removalFacts() {
        VerificationReport.Target target = report.target();
        return target == null ? null : Listing.of(target.removal());
    }

    @Nullable Listing<Fact> sessionFacts() {
        VerificationReport.Production production = report.production();
        return production == null ? null : Listing.of(production.sessions());
    }

    @Nullable Listing<String> changes() {
        VerificationReport.Production production = report.production();
        return production == null ? null : Listing.of(production.changedByOthers());
    }

    /** The time of the restore against what it may take. */
    @Nullable BudgetBar budgetBar() {
        VerificationReport.Restore restore = report.restore();
        if (restore == null || restore.budget() == null) {
            return null;
        }
        long took = restore.duration().toMillis();
        long budget = restore.budget().toMillis();
        long longer = Math.max(took, budget);
        return new BudgetBar(width(took, longer), Math.min(99.6, width(budget, longer)), took > budget);
    }

    /** Not {@code coverage}: inside of the ledger the template would find that member of it. */
    @Nullable String coverageSentence() {
        VerificationReport.Ledger ledger = report.ledger();
        return ledger == null ? null : Wording.coverage(ledger);
    }

    @Nullable Listing<String> ledgerNotes() {
        VerificationReport.Ledger ledger = report.ledger();
        return ledger == null ? null : Listing.of(ledger.notes());
    }

    /** The most frequent kind first. */
    @Nullable Listing<KindLine> kinds() {
        VerificationReport.Ledger ledger = report.ledger();
        if (ledger == null) {
            return null;
        }
        Map<String, Integer> kinds = new TreeMap<>(ledger.entries());
        ledger.sourceEntries().keySet().forEach(kind -> kinds.putIfAbsent(kind, 0));
        int most = kinds.values().stream().mapToInt(Integer::intValue).max().orElse(0);
        return Listing.of(kinds.entrySet().stream()
                .sorted(Map.Entry.<String, Integer>comparingByValue()
                        .reversed()
                        .thenComparing(Map.Entry.comparingByKey()))
                .map(kind -> new KindLine(
                        kind.getKey(),
                        Optional.ofNullable(ledger.sourceEntries().get(kind.getKey()))
                                .map(count -> Wording.number(count))
                                .orElse(""),
                        kind.getValue(),
                        width(kind.getValue(), most)))
                .toList());
    }

    @Nullable Listing<TableLine> largestTables() {
        return Listing.of(tables().limit(LARGEST).toList());
    }

    @Nullable Listing<TableLine> otherTables() {
        return Listing.of(tables().skip(LARGEST).toList());
    }

    private Stream<TableLine> tables() {
        VerificationReport.Ledger ledger = report.ledger();
        List<TableRows> tables = ledger == null ? List.of() : ledger.tableRows();
        long most = tables.stream()
                .flatMap(table -> Stream.of(rows(table.source()), rows(table.restored())))
                .max(Long::compare)
                .orElse(0L);
        return tables.stream()
                .map(table -> new TableLine(
                        table.table(),
                        shownRows(table.source()),
                        shownRows(table.restored()),
                        !Objects.equals(table.source(), table.restored()),
                        width(rows(table.source()), most),
                        width(rows(table.restored()), most)));
    }

    private static long rows(@Nullable Long rows) {
        return rows == null ? 0 : rows;
    }

    private static String shownRows(@Nullable Long rows) {
        return rows == null ? "no table" : Wording.number(rows);
    }

    @Nullable Listing<StageLine> stages() {
        long run = report.duration().toMillis();
        return Listing.of(report.stages().stream()
                .map(stage -> {
                    double width = Math.max(VISIBLE, width(stage.duration().toMillis(), run));
                    double x = Math.min(100 - width, width(stage.startedAfter().toMillis(), run));
                    return new StageLine(stage, x, width);
                })
                .toList());
    }

    /** The share in hundredths; anything above nothing can be seen. */
    private static double width(long part, long whole) {
        return part <= 0 || whole <= 0 ? 0 : Math.max(VISIBLE, Math.min(100, 100.0 * part / whole));
    }
}
