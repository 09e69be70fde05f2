package io.github.pgbackup.report;

import com.samskivert.mustache.DefaultCollector;
import com.samskivert.mustache.Escapers;
import com.samskivert.mustache.Mustache;
import com.samskivert.mustache.Template;
import io.github.pgbackup.evidence.Check;
import io.github.pgbackup.evidence.Verdict;
import io.github.pgbackup.evidence.VerificationReport;
import io.github.pgbackup.evidence.VerificationReport.GradedError;
import io.github.pgbackup.evidence.VerificationReport.TableRows;
import io.github.pgbackup.fault.ExpectationTest;
import io.github.pgbackup.fault.TestedFault.Outcome;
import io.github.pgbackup.plan.Demands;
import io.github.pgbackup.rehearsal.RehearsalReport;
import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * {@code index.html}: the report as one page that needs no other file. {@code index.mustache} contains its text in
 * order, {@code index.css} its style; this class adds the geometry of the pictures.
 *
 * <p>The template escapes all text with the one escaper given here. As a second barrier, the page's own
 * Content-Security-Policy allows no script but {@code page.js}, by its hash, and allows it to load nothing.
 */
final class HtmlPage {

    /** Number of tables to draw; the others are folded. */
    private static final int LARGEST = 20;

    /** Number of failed checks to show in full; more of them usually have a common cause. */
    private static final int AT_LENGTH = 100;

    /** Number of failed checks that leave room for the next steps on the first screen. */
    private static final int FIRST_SCREEN = 2;

    /** Maximum number of checks in a table; a page with more could be too large to open. */
    private static final int LISTED = 1_000;

    /** Minimum width of a bar that is not empty, in hundredths of the picture. */
    private static final double VISIBLE = 0.5;

    /** Number of digits to show of a folded ID. */
    private static final int ID = 12;

    /** The first words of a difference, in capitals: the kind of object. */
    private static final Pattern OBJECT_KIND = Pattern.compile("[A-Z]+(?: [A-Z]+)*(?= )");

    private static final Pattern LONG_ID = Pattern.compile("\\b[0-9a-f]{64}\\b");

    private static final Template TEMPLATE = template("index");

    private static final String SCRIPT_HASH = hash("page.js");

    private final VerificationReport report;
    private final Optional<SchemaPage> schema;

    private HtmlPage(VerificationReport report, Optional<SchemaPage> schema) {
        this.report = report;
        this.schema = schema;
    }

    static String of(VerificationReport report) {
        return of(report, Optional.empty());
    }

    /**
     * The page.
     *
     * @param schema the page to link to
     */
    static String of(VerificationReport report, Optional<SchemaPage> schema) {
        return TEMPLATE.execute(new HtmlPage(report, schema));
    }

    /** A template of this package, with what all pages share: escaping, and the format of values. */
    static Template template(String page) {
        return Mustache.compiler()
                .withEscaper(text -> Escapers.HTML.escape(String.join("\n", Printable.lines(text))))
                .withFormatter(HtmlPage::shown)
                .withCollector(new OptionalParts())
                .withLoader(name -> resource(name.contains(".") ? name : name + ".mustache"))
                .emptyStringIsFalse(true)
                .strictSections(true)
                .loadTemplate(page);
    }

    /** A section of an optional part is written if the part is there, and {@code {{.}}} in it is the part. */
    private static final class OptionalParts extends DefaultCollector {
        @Override
        public @Nullable Iterator<?> toIterator(Object value) {
            return value instanceof Optional<?> part ? part.stream().iterator() : super.toIterator(value);
        }
    }

    private static Reader resource(String name) {
        return new StringReader(new String(bytes(name), StandardCharsets.UTF_8));
    }

    private static byte[] bytes(String name) {
        try (InputStream file = HtmlPage.class.getResourceAsStream(name)) {
            return Objects.requireNonNull(file, name).readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The hash of a script as a Content-Security-Policy contains it (CSP level 3, section 2.3.1). */
    private static String hash(String script) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes(script));
            return "'sha256-" + Base64.getEncoder().encodeToString(digest) + "'";
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every JDK has SHA-256
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

    // ---- what the template reads in addition to the report itself; a part of the page that is empty is left out ----

    /** A part of the page that lists something. It is left out if there is nothing to list. */
    record Listing<T>(List<T> items) {
        static <T> Optional<Listing<T>> of(List<T> items) {
            return items.isEmpty() ? Optional.empty() : Optional.of(new Listing<>(items));
        }

        static Optional<Listing<Fact>> of(Map<String, String> facts) {
            return of(facts.entrySet().stream()
                    .map(fact -> new Fact(fact.getKey(), fact.getValue()))
                    .toList());
        }
    }

    /** A name and a value; IDs in both are folded. */
    record Fact(Value name, Value value) {
        Fact(String name, String value) {
            this(new Value(name), new Value(value));
        }
    }

    /** A text in which every ID of 64 digits is folded. */
    record Value(String text) {

        List<Part> parts() {
            List<Part> parts = new ArrayList<>();
            int end = 0;
            for (Matcher id = LONG_ID.matcher(text); id.find(); end = id.end()) {
                parts.add(new Part(text.substring(end, id.start()), Optional.of(new Id(id.group()))));
            }
            parts.add(new Part(text.substring(end), Optional.empty()));
            return parts;
        }
    }

    /** A text, and the ID after it. */
    record Part(String before, Optional<Id> id) {}

    /** A bar as wide as the time taken, and a mark at the time allowed. */
    record BudgetBar(double width, double limit, boolean over) {}

    /** A stage, or the time for which the snapshot was held. */
    record StageLine(String name, Duration after, Duration took, double x, double width, boolean held) {}

    /** A kind of object. A number is empty if that side has no such objects of its own. */
    record KindLine(String name, String source, String archive, int differences, double width, double bad) {
        boolean differs() {
            return differences > 0;
        }
    }

    /** A value of the source and of the restored database, in words and as two bars. */
    record Pair(String source, String restored, double sourceWidth, double restoredWidth) {}

    record TableLine(String name, boolean differs, Pair rows, Pair bytes) {}

    /**
     * A failed check, with a diff if its values are texts of several lines.
     *
     * @param link to the definition in the archive
     * @param toleration the tag that would tolerate it
     */
    record FailedCheck(Check check, Optional<Diff> diff, Optional<String> link, Optional<Listing<String>> toleration) {
        boolean actions() {
            return link.isPresent() || toleration.isPresent();
        }
    }

    /** A unified diff, folded if there are many. */
    record Diff(List<DiffLine> items, boolean open) {

        static Optional<Diff> of(List<String> lines, boolean open) {
            return lines.isEmpty()
                    ? Optional.empty()
                    : Optional.of(new Diff(lines.stream().map(DiffLine::of).toList(), open));
        }

        /** Says how many lines differ. The first line of each kind names its side. */
        String summary() {
            long minus = count("minus") - 1;
            long plus = count("plus") - 1;
            return "Definition: " + Wording.plural(minus, "line") + " missing, " + Wording.number(plus) + " added";
        }

        private long count(String kind) {
            return items.stream().filter(line -> line.kind().equals(kind)).count();
        }
    }

    /** The number of failed checks of a kind. */
    record FailedKind(String kind, long count) {}

    /** Many digits, of which the first ones are enough for a reader. */
    record Id(String whole) {
        String start() {
            return whole.substring(0, Math.min(ID, whole.length()));
        }
    }

    /** A line of a unified diff. Its kind is a CSS class of the page. */
    record DiffLine(String kind, String text) {
        static DiffLine of(String line) {
            char mark = line.isEmpty() ? ' ' : line.charAt(0);
            return new DiffLine(
                    switch (mark) {
                        case '-' -> "minus";
                        case '+' -> "plus";
                        case '@' -> "place";
                        default -> "same";
                    },
                    line);
        }
    }

    VerificationReport report() {
        return report;
    }

    String headline() {
        return Wording.headline(report);
    }

    String scriptHash() {
        return SCRIPT_HASH;
    }

    /** The database and its server, even if the run did not reach them; empty if the configuration names neither. */
    Optional<Subject> subject() {
        return Subject.of(report);
    }

    /** What was checked, if the headline does not say it. */
    Optional<String> checkedWhenFailed() {
        return report.verdict() == Verdict.FAIL ? Optional.of(Wording.basis(report)) : Optional.empty();
    }

    /** The next steps after a FAIL. A run that could not be completed has a remedy instead. */
    Optional<Listing<String>> next() {
        return report.verdict() == Verdict.FAIL ? Listing.of(Wording.next(report)) : Optional.empty();
    }

    /** The next steps above the failed checks, if these fill the first screen. */
    Optional<Listing<String>> nextBefore() {
        return fillsTheFirstScreen() ? next() : Optional.empty();
    }

    Optional<Listing<String>> nextAfter() {
        return fillsTheFirstScreen() ? Optional.empty() : next();
    }

    private boolean fillsTheFirstScreen() {
        List<Check> failed = report.failedChecks();
        return failed.size() > FIRST_SCREEN
                || failed.stream().anyMatch(check -> !UnifiedDiff.of(check).isEmpty());
    }

    Optional<Id> archiveId() {
        return report.acquired().archive().map(archive -> new Id(archive.sha256()));
    }

    Optional<String> archiveCompression() {
        return report.acquired().archive().map(archive -> Wording.compression(archive.compression()));
    }

    Optional<String> archiveSize() {
        return report.acquired().archive().map(archive -> Wording.size(archive.bytes()));
    }

    Optional<Demands> demands() {
        return report.context().map(VerificationReport.Context::demands);
    }

    Optional<Id> demandsId() {
        return demands().map(demands -> new Id(demands.sha256()));
    }

    Optional<String> expectationCount() {
        return demands().map(demands -> Wording.plural(demands.expectations(), "expectation"));
    }

    Optional<String> toleratedCount() {
        return demands().map(demands -> Wording.plural(demands.toleratedDifferences(), "tolerated difference"));
    }

    Optional<Listing<FailedCheck>> failed() {
        return Listing.of(report.failedChecks().stream()
                .limit(AT_LENGTH)
                .map(check -> new FailedCheck(
                        check,
                        Diff.of(UnifiedDiff.of(check), report.failedChecks().size() <= FIRST_SCREEN),
                        schema.filter(page -> check.isDifference()).map(page -> page.link(check.name())),
                        check.isDifference()
                                ? Listing.of(ExpectationsXml.toleratedDifference(check.name())
                                        .lines()
                                        .toList())
                                : Optional.empty()))
                .toList());
    }

    /** The failed checks by kind, the most frequent first, if there are too many to see at once. */
    Optional<Listing<FailedKind>> failedKinds() {
        if (report.failedChecks().size() <= FIRST_SCREEN) {
            return Optional.empty();
        }
        Map<String, Long> counts = report.failedChecks().stream()
                .collect(Collectors.groupingBy(HtmlPage::kind, TreeMap::new, Collectors.counting()));
        return Listing.of(counts.entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
                .map(each -> new FailedKind(each.getKey(), each.getValue()))
                .toList());
    }

    /**
     * The kind of a failed check: for a difference that of the object, such as {@code TABLE DATA}; for another check
     * its group.
     */
    private static String kind(Check check) {
        Matcher kind = OBJECT_KIND.matcher(check.name());
        return check.isDifference() && kind.lookingAt() ? kind.group() : check.group();
    }

    Optional<Integer> failedBesides() {
        return Optional.of(report.failedChecks().size() - AT_LENGTH).filter(more -> more > 0);
    }

    Optional<Listing<Check>> tolerated() {
        return Listing.of(report.toleratedChecks());
    }

    boolean checks() {
        return !report.checks().isEmpty();
    }

    /** A check in a table. */
    record CheckLine(Check check) {
        Value expected() {
            return new Value(check.expected());
        }

        Value actual() {
            return new Value(check.actual());
        }
    }

    Optional<Listing<CheckLine>> expectationChecks() {
        return failedFirst(check -> check.observations().isPresent());
    }

    Optional<Listing<CheckLine>> otherChecks() {
        return failedFirst(check -> check.observations().isEmpty());
    }

    private Optional<Listing<CheckLine>> failedFirst(Predicate<Check> which) {
        return Listing.of(Stream.concat(
                        report.failedChecks().stream(), report.checks().stream().filter(Check::passed))
                .filter(which)
                .limit(LISTED)
                .map(CheckLine::new)
                .toList());
    }

    /** The number of checks that are not listed, in words; empty if all are listed. */
    Optional<String> expectationChecksBesides() {
        return besides(check -> check.observations().isPresent());
    }

    Optional<String> otherChecksBesides() {
        return besides(check -> check.observations().isEmpty());
    }

    private Optional<String> besides(Predicate<Check> which) {
        long more = report.checks().stream().filter(which).count() - LISTED;
        long failed = report.failedChecks().stream().filter(which).count() - LISTED;
        return more <= 0
                ? Optional.empty()
                : Optional.of("And " + Wording.number(more) + " more, "
                        + (failed <= 0 ? "all of which passed" : Wording.number(failed) + " of which failed"));
    }

    Optional<Listing<GradedError>> harmful() {
        return Listing.of(report.restored().errors().stream()
                .filter(error -> !error.harmless())
                .toList());
    }

    Optional<Listing<GradedError>> restoreErrors() {
        return Listing.of(report.restored().errors());
    }

    Optional<Listing<VerificationReport.Query>> queries() {
        return report.context().flatMap(context -> Listing.of(context.queries()));
    }

    Optional<Listing<Fact>> parameters() {
        return report.context().flatMap(context -> Listing.of(context.parameters()));
    }

    /** The programs with their arguments, quoted for a shell. */
    Optional<Listing<String>> commands() {
        return Listing.of(
                Stream.of(report.acquired().command(), report.restored().command())
                        .filter(command -> !command.isEmpty())
                        .map(Wording::command)
                        .toList());
    }

    Optional<Listing<String>> warnings() {
        return Listing.of(report.outcome().warnings());
    }

    Optional<Listing<String>> notContained() {
        return Listing.of(report.acquired().doesNotContain());
    }

    /** The user or the CI job that ran it. */
    Optional<Value> runBy() {
        return report.context().map(context -> new Value(context.audit().runBy().describe()));
    }

    Optional<Duration> backupAge() {
        return report.context().flatMap(context -> context.audit().backupAge());
    }

    Optional<String> boundToWords() {
        return report.context().flatMap(VerificationReport.Context::boundTo).map(Wording::boundTo);
    }

    Optional<Listing<String>> notTested() {
        return Listing.of(Wording.notTested(report));
    }

    /** The outcome of the faults, as the page shows it; empty if none were made. */
    Optional<FaultsPart> faults() {
        return report.used().expectationTest().map(FaultsPart::new);
    }

    /** The part of the page about the faults. */
    record FaultsPart(ExpectationTest test) {

        List<ExpectationTestText.KindLine> kinds() {
            return ExpectationTestText.kinds(test);
        }

        long unviable() {
            return test.count(Outcome.UNVIABLE);
        }

        long notTried() {
            return test.count(Outcome.NOT_TRIED);
        }

        Optional<Listing<Miss>> missed() {
            return Listing.of(test.missed().stream()
                    .limit(AT_LENGTH)
                    .map(fault -> new Miss(
                            ExpectationTestText.sentence(test, fault),
                            Optional.ofNullable(fault.suggestion())
                                    .flatMap(suggestion -> Listing.of(ExpectationsXml.of(suggestion)
                                            .lines()
                                            .toList()))))
                    .toList());
        }
    }

    /** A fault that no expectation noticed, and an expectation that would have. */
    record Miss(String sentence, Optional<Listing<String>> xml) {}

    /** What migrations did; empty if none were rehearsed. */
    Optional<RehearsalPart> rehearsed() {
        return report.used().rehearsal().map(RehearsalPart::new);
    }

    /** The part of the page about a rehearsal. */
    record RehearsalPart(RehearsalReport rehearsal) {

        String sentence() {
            return RehearsalText.headline(rehearsal);
        }

        Optional<Listing<String>> findings() {
            return Listing.of(
                    RehearsalText.findings(rehearsal).stream().limit(AT_LENGTH).toList());
        }

        Optional<Listing<String>> migrations() {
            return Listing.of(rehearsal.migrations().stream()
                    .limit(LISTED)
                    .map(RehearsalText::migration)
                    .toList());
        }

        Optional<Listing<LockedTable>> lockedTables() {
            return Listing.of(rehearsal.tables().stream()
                    .filter(RehearsalText::matters)
                    .limit(LISTED)
                    .map(table -> new LockedTable(
                            table.name(),
                            RehearsalText.lock(table, rehearsal.observation()),
                            Optional.ofNullable(RehearsalText.otherLocks(table, rehearsal.observation())),
                            RehearsalText.storage(table),
                            RehearsalText.rows(table)))
                    .toList());
        }

        Optional<Listing<String>> changing() {
            return Listing.of(RehearsalText.changing(rehearsal).stream()
                    .limit(AT_LENGTH)
                    .map(RehearsalText::statement)
                    .toList());
        }

        Optional<Listing<DiffLine>> schema() {
            return Listing.of(rehearsal.schemaDiff().stream()
                    .limit(LISTED)
                    .map(DiffLine::of)
                    .toList());
        }

        List<String> caveats() {
            return RehearsalText.caveats(rehearsal);
        }
    }

    /** A table in words. */
    record LockedTable(String name, String lock, Optional<String> others, String storage, String rows) {}

    Optional<Listing<Fact>> isolationFacts() {
        return report.restored().target().flatMap(target -> Listing.of(target.isolation()));
    }

    Optional<Listing<Fact>> removalFacts() {
        return report.restored().target().flatMap(target -> Listing.of(target.removal()));
    }

    Optional<Listing<Fact>> handOverFacts() {
        return report.used().handOver().flatMap(handOver -> Listing.of(Wording.handOver(handOver)));
    }

    Optional<Listing<Fact>> sessionFacts() {
        return report.acquired().production().flatMap(production -> Listing.of(production.sessions()));
    }

    Optional<Listing<String>> changes() {
        return report.acquired().production().flatMap(production -> Listing.of(production.changedByOthers()));
    }

    /** Heading of the column next to the restored tables. */
    String original() {
        return Wording.isComparedWithArchive(report) ? "Archive" : "Source";
    }

    /** The baseline; empty if it is the source itself. */
    Optional<String> baseline() {
        return Wording.baseline(report);
    }

    /** The duration of the restore and its maximum. */
    Optional<BudgetBar> budgetBar() {
        return report.restored()
                .restore()
                .flatMap(restore ->
                        restore.budget().map(budget -> bar(restore.duration().toMillis(), budget.toMillis())));
    }

    private static BudgetBar bar(long took, long budget) {
        long longer = Math.max(took, budget);
        return new BudgetBar(width(took, longer), Math.min(99.6, width(budget, longer)), took > budget);
    }

    Optional<String> severalJobsSentence() {
        return report.restored()
                .restore()
                .flatMap(VerificationReport.Restore::severalJobs)
                .map(Wording::severalJobs);
    }

    /**
     * Not named {@code coverage}: inside the comparison, the template would find that member of the comparison instead.
     */
    Optional<String> coverageSentence() {
        return report.checked().comparison().map(Wording::coverage);
    }

    Optional<Listing<String>> comparisonNotes() {
        return report.checked().comparison().flatMap(comparison -> Listing.of(comparison.notes()));
    }

    Optional<Listing<KindLine>> kinds() {
        return report.checked().comparison().flatMap(comparison -> Listing.of(kinds(comparison)));
    }

    /** Kinds with differences first, then the most frequent. */
    private static List<KindLine> kinds(VerificationReport.Compared comparison) {
        Set<String> kinds = new TreeSet<>(comparison.entries().keySet());
        kinds.addAll(comparison.sourceEntries().keySet());
        kinds.addAll(comparison.differences().keySet());
        int most = kinds.stream().mapToInt(kind -> most(comparison, kind)).max().orElse(0);
        return kinds.stream()
                .sorted(Comparator.<String, Integer>comparing(
                                kind -> comparison.differences().getOrDefault(kind, 0))
                        .thenComparing(kind -> most(comparison, kind))
                        .reversed()
                        .thenComparing(Comparator.naturalOrder()))
                .map(kind -> new KindLine(
                        kind,
                        shownNumber(comparison.sourceEntries().get(kind)),
                        shownNumber(comparison.entries().get(kind)),
                        comparison.differences().getOrDefault(kind, 0),
                        width(most(comparison, kind), most),
                        width(comparison.differences().getOrDefault(kind, 0), most)))
                .toList();
    }

    private static int most(VerificationReport.Compared comparison, String kind) {
        return Stream.of(comparison.entries(), comparison.sourceEntries(), comparison.differences())
                .mapToInt(counts -> counts.getOrDefault(kind, 0))
                .max()
                .orElse(0);
    }

    private static String shownNumber(@Nullable Integer number) {
        return number == null ? "" : Wording.number(number);
    }

    Optional<Listing<TableLine>> largestTables() {
        return Listing.of(tables().limit(LARGEST).toList());
    }

    Optional<Listing<TableLine>> otherTables() {
        return Listing.of(tables().skip(LARGEST).toList());
    }

    /** Tables whose rows differ first, then the largest. */
    private Stream<TableLine> tables() {
        List<TableRows> tables = report.checked().tableRows();
        long mostRows = most(tables, TableRows::source, TableRows::restored);
        long mostBytes = most(tables, TableRows::sourceBytes, TableRows::restoredBytes);
        return tables.stream()
                .sorted(Comparator.comparing(HtmlPage::agrees)
                        .thenComparing(
                                table -> larger(table.sourceBytes(), table.restoredBytes()), Comparator.reverseOrder()))
                .map(table -> new TableLine(
                        table.table(),
                        !agrees(table),
                        pair(table.source(), table.restored(), mostRows, Wording::number, "no table"),
                        pair(
                                table.sourceBytes(),
                                table.restoredBytes(),
                                mostBytes,
                                Wording::size,
                                Wording.isComparedWithArchive(report) ? "not known" : "no table")));
    }

    private static boolean agrees(TableRows table) {
        return table.source().equals(table.restored());
    }

    private static long most(
            List<TableRows> tables,
            Function<TableRows, Optional<Long>> source,
            Function<TableRows, Optional<Long>> restored) {
        return tables.stream()
                .mapToLong(table -> larger(source.apply(table), restored.apply(table)))
                .max()
                .orElse(0);
    }

    private static Pair pair(
            Optional<Long> source, Optional<Long> restored, long most, Function<Long, String> wording, String absent) {
        return new Pair(
                source.map(wording).orElse(absent),
                restored.map(wording).orElse("no table"),
                width(source.orElse(0L), most),
                width(restored.orElse(0L), most));
    }

    private static long larger(Optional<Long> source, Optional<Long> restored) {
        return Math.max(source.orElse(0L), restored.orElse(0L));
    }

    /**
     * The stages, ordered by their start because some run concurrently, with the time for which the snapshot was held.
     */
    Optional<Listing<StageLine>> stages() {
        List<StageLine> lines = new ArrayList<>();
        report.acquired()
                .snapshot()
                .ifPresent(snapshot ->
                        lines.add(stage("snapshot and locks held", snapshot.takenAfter(), snapshot.held(), true)));
        report.outcome()
                .stages()
                .forEach(stage -> lines.add(stage(stage.name(), stage.startedAfter(), stage.duration(), false)));
        lines.sort(Comparator.comparing(StageLine::after));
        return Listing.of(lines);
    }

    private StageLine stage(String name, Duration after, Duration took, boolean held) {
        long run = report.outcome().duration().toMillis();
        double width = Math.max(VISIBLE, width(took.toMillis(), run));
        return new StageLine(name, after, took, Math.min(100 - width, width(after.toMillis(), run)), width, held);
    }

    /** The share in hundredths; every share above zero is wide enough to be seen. */
    private static double width(long part, long whole) {
        return part <= 0 || whole <= 0 ? 0 : Math.max(VISIBLE, Math.min(100, 100.0 * part / whole));
    }
}
