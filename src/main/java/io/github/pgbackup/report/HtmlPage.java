package io.github.pgbackup.report;

import com.samskivert.mustache.Escapers;
import com.samskivert.mustache.Mustache;
import com.samskivert.mustache.Template;
import io.github.pgbackup.evidence.Audit;
import io.github.pgbackup.evidence.Check;
import io.github.pgbackup.evidence.Verdict;
import io.github.pgbackup.evidence.VerificationReport;
import io.github.pgbackup.evidence.VerificationReport.GradedError;
import io.github.pgbackup.evidence.VerificationReport.TableRows;
import io.github.pgbackup.fault.ExpectationTest;
import io.github.pgbackup.fault.TestedFault.Outcome;
import io.github.pgbackup.plan.Demands;
import io.github.pgbackup.provenance.BoundTo;
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
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.LongFunction;
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
                .withLoader(name -> resource(name.contains(".") ? name : name + ".mustache"))
                .emptyStringIsFalse(true)
                .strictSections(true)
                .loadTemplate(page);
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

    // ---- what the template reads in addition to the report itself; null leaves out a part of the page ----

    /** A part of the page that lists something. It is left out if there is nothing to list. */
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
                parts.add(new Part(text.substring(end, id.start()), new Id(id.group())));
            }
            parts.add(new Part(text.substring(end), null));
            return parts;
        }
    }

    /** A text, and the ID after it. */
    record Part(String before, @Nullable Id id) {}

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
    record FailedCheck(
            Check check,
            @Nullable Diff diff,
            @Nullable String link,
            @Nullable Listing<String> toleration) {
        boolean actions() {
            return link != null || toleration != null;
        }
    }

    /** A unified diff, folded if there are many. */
    record Diff(List<DiffLine> items, boolean open) {

        static @Nullable Diff of(List<String> lines, boolean open) {
            return lines.isEmpty()
                    ? null
                    : new Diff(lines.stream().map(DiffLine::of).toList(), open);
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

    /** The database and its server, even if the run did not reach them; null if the configuration names neither. */
    @Nullable Subject subject() {
        return Subject.of(report);
    }

    /** What was checked, if the headline does not say it. */
    @Nullable String checkedWhenFailed() {
        return report.verdict() == Verdict.FAIL ? Wording.basis(report) : null;
    }

    /** The next steps after a FAIL. A run that could not be completed has a remedy instead. */
    @Nullable Listing<String> next() {
        return report.verdict() == Verdict.FAIL ? Listing.of(Wording.next(report)) : null;
    }

    /** The next steps above the failed checks, if these fill the first screen. */
    @Nullable Listing<String> nextBefore() {
        return fillsTheFirstScreen() ? next() : null;
    }

    @Nullable Listing<String> nextAfter() {
        return fillsTheFirstScreen() ? null : next();
    }

    private boolean fillsTheFirstScreen() {
        List<Check> failed = report.failedChecks();
        return failed.size() > FIRST_SCREEN
                || failed.stream().anyMatch(check -> !UnifiedDiff.of(check).isEmpty());
    }

    @Nullable Id archiveId() {
        VerificationReport.Archive archive = report.archive();
        return archive == null ? null : new Id(archive.sha256());
    }

    @Nullable Id demandsId() {
        Demands demands = report.demands();
        return demands == null ? null : new Id(demands.sha256());
    }

    @Nullable String archiveCompression() {
        VerificationReport.Archive archive = report.archive();
        return archive == null ? null : Wording.compression(archive.compression());
    }

    @Nullable String archiveSize() {
        VerificationReport.Archive archive = report.archive();
        return archive == null ? null : Wording.size(archive.bytes());
    }

    @Nullable Listing<FailedCheck> failed() {
        return Listing.of(report.failedChecks().stream()
                .limit(AT_LENGTH)
                .map(check -> new FailedCheck(
                        check,
                        Diff.of(UnifiedDiff.of(check), report.failedChecks().size() <= FIRST_SCREEN),
                        check.isDifference()
                                ? schema.map(page -> page.link(check.name())).orElse(null)
                                : null,
                        check.isDifference()
                                ? Listing.of(ExpectationsXml.toleratedDifference(check.name())
                                        .lines()
                                        .toList())
                                : null))
                .toList());
    }

    /** The failed checks by kind, the most frequent first, if there are too many to see at once. */
    @Nullable Listing<FailedKind> failedKinds() {
        if (report.failedChecks().size() <= FIRST_SCREEN) {
            return null;
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

    @Nullable Integer failedBesides() {
        int more = report.failedChecks().size() - AT_LENGTH;
        return more > 0 ? more : null;
    }

    @Nullable Listing<Check> tolerated() {
        return Listing.of(report.toleratedChecks());
    }

    @Nullable String expectationCount() {
        Demands demands = report.demands();
        return demands == null ? null : Wording.plural(demands.expectations(), "expectation");
    }

    @Nullable String toleratedCount() {
        Demands demands = report.demands();
        return demands == null ? null : Wording.plural(demands.toleratedDifferences(), "tolerated difference");
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

    @Nullable Listing<CheckLine> expectationChecks() {
        return failedFirst(check -> check.observations() != null);
    }

    @Nullable Listing<CheckLine> otherChecks() {
        return failedFirst(check -> check.observations() == null);
    }

    private @Nullable Listing<CheckLine> failedFirst(Predicate<Check> which) {
        return Listing.of(Stream.concat(
                        report.failedChecks().stream(), report.checks().stream().filter(Check::passed))
                .filter(which)
                .limit(LISTED)
                .map(CheckLine::new)
                .toList());
    }

    /** The number of checks that are not listed, in words; null if all are listed. */
    @Nullable String expectationChecksBesides() {
        return besides(check -> check.observations() != null);
    }

    @Nullable String otherChecksBesides() {
        return besides(check -> check.observations() == null);
    }

    private @Nullable String besides(Predicate<Check> which) {
        long more = report.checks().stream().filter(which).count() - LISTED;
        long failed = report.failedChecks().stream().filter(which).count() - LISTED;
        if (more <= 0) {
            return null;
        }
        return "And " + Wording.number(more) + " more, "
                + (failed <= 0 ? "all of which passed" : Wording.number(failed) + " of which failed");
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

    @Nullable Listing<VerificationReport.Query> queries() {
        VerificationReport.Method method = report.method();
        return method == null ? null : Listing.of(method.queries());
    }

    @Nullable Listing<Fact> parameters() {
        VerificationReport.Method method = report.method();
        return method == null ? null : Listing.of(method.parameters());
    }

    /** The programs with their arguments, quoted for a shell. */
    @Nullable Listing<String> commands() {
        VerificationReport.Method method = report.method();
        return method == null
                ? null
                : Listing.of(Stream.of(method.dump(), method.restore())
                        .filter(Objects::nonNull)
                        .map(Wording::command)
                        .toList());
    }

    @Nullable Listing<String> warnings() {
        return Listing.of(report.warnings());
    }

    @Nullable Listing<String> notContained() {
        return Listing.of(report.doesNotContain());
    }

    /** The user or the CI job that ran it. */
    @Nullable Value runBy() {
        Audit audit = report.audit();
        return audit == null ? null : new Value(audit.runBy().describe());
    }

    @Nullable Duration backupAge() {
        Audit audit = report.audit();
        return audit == null ? null : audit.backupAge();
    }

    @Nullable String boundToWords() {
        BoundTo boundTo = report.boundTo();
        return boundTo == null ? null : Wording.boundTo(boundTo);
    }

    /** What was not tested, if the run tested something. */
    @Nullable Listing<String> notTested() {
        Audit audit = report.audit();
        return audit == null || report.comparison() == null ? null : Listing.of(audit.notTested());
    }

    /** The outcome of the faults, as the page shows it; null if none were made. */
    @Nullable FaultsPart faults() {
        ExpectationTest test = report.expectationTest();
        return test == null ? null : new FaultsPart(test);
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

        @Nullable Listing<Miss> missed() {
            return Listing.of(test.missed().stream()
                    .limit(AT_LENGTH)
                    .map(fault -> new Miss(
                            ExpectationTestText.sentence(test, fault),
                            fault.suggestion() == null
                                    ? null
                                    : new Listing<>(ExpectationsXml.of(fault.suggestion())
                                            .lines()
                                            .toList())))
                    .toList());
        }
    }

    /** A fault that no expectation noticed, and an expectation that would have. */
    record Miss(String sentence, @Nullable Listing<String> xml) {}

    /** What migrations did; null if none were rehearsed. */
    @Nullable RehearsalPart rehearsed() {
        RehearsalReport rehearsal = report.rehearsal();
        return rehearsal == null ? null : new RehearsalPart(rehearsal);
    }

    /** The part of the page about a rehearsal. */
    record RehearsalPart(RehearsalReport rehearsal) {

        String sentence() {
            return RehearsalText.headline(rehearsal);
        }

        @Nullable Listing<String> findings() {
            return Listing.of(
                    RehearsalText.findings(rehearsal).stream().limit(AT_LENGTH).toList());
        }

        @Nullable Listing<String> migrations() {
            return Listing.of(rehearsal.migrations().stream()
                    .limit(LISTED)
                    .map(RehearsalText::migration)
                    .toList());
        }

        @Nullable Listing<LockedTable> lockedTables() {
            return Listing.of(rehearsal.tables().stream()
                    .filter(RehearsalText::matters)
                    .limit(LISTED)
                    .map(table -> new LockedTable(
                            table.name(),
                            RehearsalText.lock(table, rehearsal.observation()),
                            RehearsalText.otherLocks(table, rehearsal.observation()),
                            RehearsalText.storage(table),
                            RehearsalText.rows(table)))
                    .toList());
        }

        @Nullable Listing<String> changing() {
            return Listing.of(RehearsalText.changing(rehearsal).stream()
                    .limit(AT_LENGTH)
                    .map(RehearsalText::statement)
                    .toList());
        }

        @Nullable Listing<DiffLine> schema() {
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
    record LockedTable(String name, String lock, @Nullable String others, String storage, String rows) {}

    @Nullable Listing<Fact> isolationFacts() {
        VerificationReport.Target target = report.target();
        return target == null ? null : Listing.of(target.isolation());
    }

    @Nullable Listing<Fact> removalFacts() {
        VerificationReport.Target target = report.target();
        return target == null ? null : Listing.of(target.removal());
    }

    @Nullable Listing<Fact> handOverFacts() {
        VerificationReport.HandOver handOver = report.handOver();
        return handOver == null ? null : Listing.of(Wording.handOver(handOver));
    }

    @Nullable Listing<Fact> sessionFacts() {
        VerificationReport.Production production = report.production();
        return production == null ? null : Listing.of(production.sessions());
    }

    @Nullable Listing<String> changes() {
        VerificationReport.Production production = report.production();
        return production == null ? null : Listing.of(production.changedByOthers());
    }

    /** Heading of the column next to the restored tables. */
    String original() {
        return Wording.isComparedWithArchive(report) ? "Archive" : "Source";
    }

    /** The baseline; null if it is the source itself. */
    @Nullable String baseline() {
        return Wording.baseline(report);
    }

    /** The duration of the restore and its maximum. */
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

    @Nullable String severalJobsSentence() {
        VerificationReport.Restore restore = report.restore();
        return restore == null || restore.severalJobs() == null ? null : Wording.severalJobs(restore.severalJobs());
    }

    /**
     * Not named {@code coverage}: inside the comparison, the template would find that member of the comparison instead.
     */
    @Nullable String coverageSentence() {
        VerificationReport.Compared comparison = report.comparison();
        return comparison == null ? null : Wording.coverage(comparison);
    }

    @Nullable Listing<String> comparisonNotes() {
        VerificationReport.Compared comparison = report.comparison();
        return comparison == null ? null : Listing.of(comparison.notes());
    }

    /** Kinds with differences first, then the most frequent. */
    @Nullable Listing<KindLine> kinds() {
        VerificationReport.Compared comparison = report.comparison();
        if (comparison == null) {
            return null;
        }
        Set<String> kinds = new TreeSet<>(comparison.entries().keySet());
        kinds.addAll(comparison.sourceEntries().keySet());
        kinds.addAll(comparison.differences().keySet());
        int most = kinds.stream().mapToInt(kind -> most(comparison, kind)).max().orElse(0);
        return Listing.of(kinds.stream()
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
                .toList());
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

    @Nullable Listing<TableLine> largestTables() {
        return Listing.of(tables().limit(LARGEST).toList());
    }

    @Nullable Listing<TableLine> otherTables() {
        return Listing.of(tables().skip(LARGEST).toList());
    }

    /** Tables whose rows differ first, then the largest. */
    private Stream<TableLine> tables() {
        VerificationReport.Compared comparison = report.comparison();
        List<TableRows> tables = comparison == null ? List.of() : comparison.tableRows();
        long mostRows = most(tables, TableRows::source, TableRows::restored);
        long mostBytes = most(tables, TableRows::sourceBytes, TableRows::restoredBytes);
        return tables.stream()
                .sorted(Comparator.comparing(HtmlPage::agrees)
                        .thenComparing(
                                table -> Math.max(orZero(table.sourceBytes()), orZero(table.restoredBytes())),
                                Comparator.reverseOrder()))
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
        return Objects.equals(table.source(), table.restored());
    }

    private static long most(
            List<TableRows> tables,
            Function<TableRows, @Nullable Long> source,
            Function<TableRows, @Nullable Long> restored) {
        return tables.stream()
                .mapToLong(table -> Math.max(orZero(source.apply(table)), orZero(restored.apply(table))))
                .max()
                .orElse(0);
    }

    private static Pair pair(
            @Nullable Long source, @Nullable Long restored, long most, LongFunction<String> wording, String absent) {
        return new Pair(
                source == null ? absent : wording.apply(source),
                restored == null ? "no table" : wording.apply(restored),
                width(orZero(source), most),
                width(orZero(restored), most));
    }

    private static long orZero(@Nullable Long observation) {
        return observation == null ? 0 : observation;
    }

    /**
     * The stages, ordered by their start because some run concurrently, with the time for which the snapshot was held.
     */
    @Nullable Listing<StageLine> stages() {
        List<StageLine> lines = new ArrayList<>();
        VerificationReport.Snapshot snapshot = report.snapshot();
        if (snapshot != null) {
            lines.add(stage("snapshot and locks held", snapshot.takenAfter(), snapshot.held(), true));
        }
        report.stages().forEach(stage -> lines.add(stage(stage.name(), stage.startedAfter(), stage.duration(), false)));
        lines.sort(Comparator.comparing(StageLine::after));
        return Listing.of(lines);
    }

    private StageLine stage(String name, Duration after, Duration took, boolean held) {
        long run = report.duration().toMillis();
        double width = Math.max(VISIBLE, width(took.toMillis(), run));
        return new StageLine(name, after, took, Math.min(100 - width, width(after.toMillis(), run)), width, held);
    }

    /** The share in hundredths; every share above zero is wide enough to be seen. */
    private static double width(long part, long whole) {
        return part <= 0 || whole <= 0 ? 0 : Math.max(VISIBLE, Math.min(100, 100.0 * part / whole));
    }
}
