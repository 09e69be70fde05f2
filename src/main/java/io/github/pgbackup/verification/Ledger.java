package io.github.pgbackup.verification;

import io.github.pgbackup.archive.Entry;
import io.github.pgbackup.archive.TableOfContents;
import io.github.pgbackup.ledger.DatabaseFigures;
import io.github.pgbackup.ledger.DatabaseFigures.SequenceFigure;
import io.github.pgbackup.ledger.DatabaseFigures.TableFigure;
import io.github.pgbackup.ledger.Difference;
import io.github.pgbackup.ledger.SchemaComparison;
import io.github.pgbackup.ledger.TableName;
import io.github.pgbackup.plan.Comparison;
import io.github.pgbackup.plan.ToleratedDifference;
import io.github.pgbackup.plan.VerificationPlan;
import io.github.pgbackup.restore.RestoreError;
import io.github.pgbackup.verification.VerificationReport.GradedError;
import io.github.pgbackup.verification.VerificationReport.TableRows;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The comparison's differences turned into checks, and pg_restore's errors graded by them. */
final class Ledger {

    private static final String GROUP = "ledger";
    private static final String NONE = "no difference";

    private final VerificationPlan plan;
    private final Map<TableName, Entry> dataEntries = new HashMap<>();
    private final Map<TableName, Entry> sequenceEntries = new HashMap<>();
    private final Map<TableName, Entry> refreshEntries = new HashMap<>();
    private final Map<Integer, Entry> entries = new HashMap<>();
    private final List<Difference> differences = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private Map<String, Integer> compared = Map.of();
    private @Nullable DatabaseFigures restored;
    private List<TableRows> tableRows = List.of();

    Ledger(VerificationPlan plan, TableOfContents archive) {
        this.plan = plan;
        for (Entry entry : archive.entries()) {
            entries.put(entry.dumpId(), entry);
            if (entry.isTableData()) {
                dataEntries.put(new TableName(entry.schema(), entry.tag()), entry);
            } else if (entry.description().equals("SEQUENCE SET")) {
                sequenceEntries.put(new TableName(entry.schema(), entry.tag()), entry);
            } else if (entry.description().equals("MATERIALIZED VIEW DATA")) {
                refreshEntries.put(new TableName(entry.schema(), entry.tag()), entry);
            }
        }
    }

    void schema(SchemaComparison schema) {
        compared = schema.compared();
        differences.addAll(schema.differences());
        notes.addAll(schema.notes());
    }

    /** The source's tables under the snapshot against the archive's data and the restored tables. */
    void rows(DatabaseFigures source, DatabaseFigures target) {
        restored = target;
        tableRows = tableRows(source, target);
        source.tables()
                .forEach((name, expected) ->
                        table(name, expected, target.tables().get(name)));
        target.tables().forEach((name, actual) -> {
            // An empty one is a matter of the schema, or an unlogged one of a primary whose standby was dumped.
            if (!source.tables().containsKey(name) && actual.rows() > 0) {
                differences.add(
                        new Difference("TABLE DATA " + name, "no such table", Counted.of(actual.rows(), "row"), null));
            }
        });
        source.sequences()
                .forEach((name, expected) ->
                        sequence(name, expected, target.sequences().get(name)));
        source.materializedViews()
                .forEach((name, expected) -> materializedView(
                        name, expected, target.materializedViews().get(name)));
        difference("LARGE OBJECTS", "large objects", source.largeObjects(), target.largeObjects(), null);
        if (!source.largeObjectFacts().equals(target.largeObjectFacts())) {
            differences.add(new Difference(
                    "LARGE OBJECTS",
                    "owners, privileges and comments with the fingerprint " + source.largeObjectFacts(),
                    "others, with the fingerprint " + target.largeObjectFacts(),
                    null));
        }
    }

    private static List<TableRows> tableRows(DatabaseFigures source, DatabaseFigures target) {
        Set<TableName> names = new TreeSet<>(source.tables().keySet());
        names.addAll(target.tables().keySet());
        return names.stream()
                .map(name -> new TableRows(
                        name.toString(),
                        rows(source.tables().get(name)),
                        rows(target.tables().get(name))))
                .sorted(Comparator.comparing(Ledger::most).reversed())
                .toList();
    }

    private static @Nullable Long rows(@Nullable TableFigure figure) {
        return figure == null ? null : figure.rows();
    }

    private static long most(TableRows table) {
        return Math.max(
                Objects.requireNonNullElse(table.source(), 0L), Objects.requireNonNullElse(table.restored(), 0L));
    }

    private void table(TableName name, TableFigure expected, @Nullable TableFigure actual) {
        Entry entry = dataEntries.get(name);
        String object = "TABLE DATA " + name;
        Integer dumpId = entry == null ? null : entry.dumpId();
        if (entry == null) {
            differences.add(new Difference(object, expected.rows() + " rows", "the archive has no data of it", null));
        } else if (actual == null) {
            differences.add(new Difference(object, expected.rows() + " rows", "the table is missing", dumpId));
        } else {
            difference(object, "rows", expected, actual, dumpId);
        }
    }

    private void difference(
            String object, String what, TableFigure expected, TableFigure actual, @Nullable Integer dumpId) {
        if (expected.rows() != actual.rows()) {
            differences.add(new Difference(object, expected.rows() + " " + what, actual.rows() + " " + what, dumpId));
        } else if (!expected.fingerprint().equals(actual.fingerprint())) {
            differences.add(new Difference(
                    object,
                    expected.rows() + " " + what + " with the fingerprint " + expected.fingerprint(),
                    "as many with the fingerprint " + actual.fingerprint(),
                    dumpId));
        }
    }

    /** Its rows are computed anew by the restore; that it has any is what can be compared. */
    private void materializedView(TableName name, boolean populated, @Nullable Boolean actual) {
        if (actual == null || populated != actual) {
            differences.add(new Difference(
                    "MATERIALIZED VIEW DATA " + name,
                    populated ? "populated" : "not populated",
                    actual == null ? "the view is missing" : actual ? "populated" : "not populated",
                    refreshEntries.containsKey(name) ? refreshEntries.get(name).dumpId() : null));
        }
    }

    /** A sequence is not part of a snapshot: it may have gone on before pg_dump read it. */
    private void sequence(TableName name, SequenceFigure expected, @Nullable SequenceFigure actual) {
        Entry entry = sequenceEntries.get(name);
        Integer dumpId = entry == null ? null : entry.dumpId();
        String object = "SEQUENCE SET " + name;
        if (actual == null) {
            differences.add(new Difference(object, "at " + expected.lastValue(), "missing", dumpId));
            return;
        }
        boolean atOrPast = expected.increment() > 0
                ? actual.lastValue() >= expected.lastValue()
                : actual.lastValue() <= expected.lastValue();
        boolean lost = !expected.cycle() && !atOrPast
                || expected.called() && !actual.called() && expected.lastValue() == actual.lastValue();
        if (lost) {
            differences.add(new Difference(
                    object, "at " + expected.lastValue() + " or past", "at " + actual.lastValue(), dumpId));
        }
    }

    /** A failed check for each difference that nobody tolerates; a passed one when there is none. */
    List<Check> checks() {
        List<Check> checks = new ArrayList<>();
        Set<ToleratedDifference> met = new HashSet<>();
        LocalDate today = LocalDate.now(ZoneOffset.UTC);
        int failed = 0;
        for (Difference difference : differences) {
            Optional<ToleratedDifference> tolerated = plan.restore().toleratedDifferences().stream()
                    .filter(each -> each.object().equals(difference.object()))
                    .findFirst();
            tolerated.ifPresent(met::add);
            boolean expired = tolerated
                    .map(ToleratedDifference::until)
                    .filter(today::isAfter)
                    .isPresent();
            if (tolerated.isPresent() && !expired) {
                checks.add(Check.of(
                        GROUP,
                        difference.object(),
                        difference.expected(),
                        difference.actual() + " (tolerated: " + tolerated.get().reason() + ")",
                        true));
            } else {
                failed++;
                String until = expired ? " (tolerated until " + tolerated.get().until() + ")" : "";
                checks.add(Check.of(
                        GROUP, difference.object(), difference.expected(), difference.actual() + until, false));
            }
        }
        for (ToleratedDifference tolerated : plan.restore().toleratedDifferences()) {
            if (!met.contains(tolerated)) {
                checks.add(Check.of(
                        GROUP,
                        "tolerated difference " + tolerated.object(),
                        "a difference",
                        "there is none; remove the exception before it hides a loss",
                        false));
            }
        }
        if (plan.comparison().includes(Comparison.SCHEMA)) {
            checks.add(Check.of(
                    GROUP,
                    summary(),
                    NONE,
                    differences.isEmpty() ? NONE : Counted.of(differences.size(), "difference"),
                    failed == 0));
        }
        return checks;
    }

    private String summary() {
        int objects = compared.values().stream().mapToInt(Integer::intValue).sum();
        return Counted.of(objects, "object") + " of archive and restored database"
                + (restored == null
                        ? ""
                        : ", rows of " + Counted.of(restored.tables().size(), "table")
                                + " of source and restored database");
    }

    /** An error is as bad as what it did: harmless when its entry came through unchanged, with all its rows. */
    List<GradedError> grade(List<RestoreError> errors) {
        return errors.stream().map(this::grade).toList();
    }

    private GradedError grade(RestoreError error) {
        Optional<Entry> entry = Optional.ofNullable(error.dumpId()).map(entries::get);
        String object = entry.map(Entry::object).orElse("");
        if (!plan.comparison().includes(Comparison.ROWS)) {
            return new GradedError(
                    object, error.message(), false, "its effect is not known: <comparison> is " + plan.comparison());
        }
        Optional<Difference> effect = entry.flatMap(each -> effectOn(each).findFirst());
        if (effect.isPresent()) {
            return new GradedError(
                    object,
                    error.message(),
                    false,
                    "caused the difference of " + effect.get().object());
        }
        if (entry.isPresent()) {
            return new GradedError(
                    object, error.message(), true, "the object is there, as the archive has it, with all its rows");
        }
        return differences.isEmpty()
                ? new GradedError(object, error.message(), true, "schema and rows agree in full")
                : new GradedError(object, error.message(), false, "there are differences, and it names no entry");
    }

    /** A comment or grant that failed shows in its own entry; a table that failed takes its data with it. */
    private Stream<Difference> effectOn(Entry entry) {
        return differences.stream()
                .filter(difference -> Integer.valueOf(entry.dumpId()).equals(difference.dumpId())
                        || Optional.ofNullable(difference.dumpId())
                                .map(entries::get)
                                .filter(lost -> lost.dependencies().contains(entry.dumpId()))
                                .isPresent());
    }

    VerificationReport.Ledger facts() {
        DatabaseFigures figures = restored;
        return new VerificationReport.Ledger(
                plan.comparison().toString(),
                new TreeMap<>(compared),
                figures == null ? 0 : figures.tables().size(),
                figures == null
                        ? 0
                        : figures.tables().values().stream()
                                .mapToLong(TableFigure::rows)
                                .sum(),
                figures == null ? 0 : figures.sequences().size(),
                tableRows,
                notes);
    }
}
