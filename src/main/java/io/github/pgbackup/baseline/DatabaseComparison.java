package io.github.pgbackup.baseline;

import io.github.pgbackup.Setting;
import io.github.pgbackup.archive.Entry;
import io.github.pgbackup.archive.TableOfContents;
import io.github.pgbackup.comparison.ArchiveComparison;
import io.github.pgbackup.comparison.CatalogComparison;
import io.github.pgbackup.comparison.DatabaseObservations;
import io.github.pgbackup.comparison.DatabaseObservations.LargeObjects;
import io.github.pgbackup.comparison.DatabaseObservations.SequenceObservation;
import io.github.pgbackup.comparison.DatabaseObservations.TableObservation;
import io.github.pgbackup.comparison.Difference;
import io.github.pgbackup.comparison.ExtensionVersion;
import io.github.pgbackup.comparison.ExtensionVersions;
import io.github.pgbackup.comparison.ForeignReads;
import io.github.pgbackup.comparison.TableName;
import io.github.pgbackup.description.DescriptionFindings;
import io.github.pgbackup.description.Finding;
import io.github.pgbackup.description.Rule;
import io.github.pgbackup.evidence.Check;
import io.github.pgbackup.evidence.VerificationReport;
import io.github.pgbackup.evidence.VerificationReport.GradedError;
import io.github.pgbackup.evidence.VerificationReport.TableRows;
import io.github.pgbackup.plan.AllowedLoss;
import io.github.pgbackup.plan.Comparison;
import io.github.pgbackup.plan.ToleratedDifference;
import io.github.pgbackup.plan.VerificationPlan;
import io.github.pgbackup.postgres.QualifiedName;
import io.github.pgbackup.restore.RestoreError;
import io.github.pgbackup.text.Counted;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Turns the differences of a comparison into checks, and grades pg_restore's errors by them. */
public final class DatabaseComparison {

    /** Entries that belong to the object of another entry. */
    private static final Set<String> ATTACHED = Set.of(
            "COMMENT",
            "ACL",
            "SECURITY LABEL",
            "DEFAULT",
            "ROW SECURITY",
            "TABLE ATTACH",
            "INDEX ATTACH",
            "SEQUENCE OWNED BY",
            "DATABASE PROPERTIES");

    /** Maximum number of objects named in a sentence. */
    private static final int NAMED = 10;

    private static final int LONGEST_VALUE = 80;

    private static final String NONE = "no difference";
    private static final String LARGE_OBJECTS = "LARGE OBJECTS";

    /** An object in the source: the OID of its catalog, and its own OID. */
    private record ObjectId(long catalog, long oid) {}

    private final VerificationPlan plan;
    private final Baseline.Kind baseline;
    private final Map<TableName, Entry> dataEntries = new HashMap<>();
    private final Map<TableName, Entry> sequenceEntries = new HashMap<>();
    private final Map<TableName, Entry> refreshEntries = new HashMap<>();
    private final Map<Integer, Entry> entries = new HashMap<>();
    private final Map<ObjectId, Entry> byObject = new HashMap<>();
    private final List<String> lost = new ArrayList<>();
    private final Map<String, Integer> extensionEntries = new HashMap<>();
    private final Set<TableName> otherServers = new HashSet<>();

    /**
     * For each entry that holds rows of a table, the table's first such entry; a difference of the rows names that
     * entry.
     */
    private final Map<Integer, Integer> firstOfTable = new HashMap<>();

    private final List<Difference> differences = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private Map<String, Integer> compared = Map.of();
    private Map<String, Integer> inSource = Map.of();
    private int liveTables;
    private @Nullable DatabaseObservations restored;
    private List<TableRows> tableRows = List.of();

    /**
     * A comparison without any differences yet.
     *
     * @param baseline what there is to compare with
     */
    public DatabaseComparison(VerificationPlan plan, Baseline.Kind baseline, TableOfContents archive) {
        this.plan = plan;
        this.baseline = baseline;
        for (Entry entry : archive.entries()) {
            entries.put(entry.dumpId(), entry);
            if (entry.tableOid() != 0 && entry.section() != Entry.Section.DATA) {
                byObject.put(new ObjectId(entry.tableOid(), entry.oid()), entry);
            }
            if (entry.isTableData()) {
                dataEntries.put(new TableName(entry.schema(), entry.tag()), entry);
            } else if (entry.description().equals("EXTENSION")) {
                extensionEntries.put(entry.tag(), entry.dumpId());
            } else if (entry.description().equals("SEQUENCE SET")) {
                sequenceEntries.put(new TableName(entry.schema(), entry.tag()), entry);
            } else if (entry.description().equals("MATERIALIZED VIEW DATA")) {
                refreshEntries.put(new TableName(entry.schema(), entry.tag()), entry);
            }
        }
    }

    /** Adds the comparison of the source's catalogs under the snapshot with those of the restored database. */
    public void definitions(DescriptionFindings findings) {
        compared = findings.compared();
        for (Finding finding : findings.differences()) {
            Entry entry = byObject.get(new ObjectId(finding.objectCatalog(), finding.oid()));
            differences.add(new Difference(
                    finding.name(),
                    finding.expected(),
                    finding.actual(),
                    entry == null ? null : Integer.valueOf(entry.dumpId())));
        }
        notes.addAll(findings.rules());
        Map<Rule, List<Finding>> excused = new EnumMap<>(Rule.class);
        findings.excused()
                .forEach(each -> excused.computeIfAbsent(each.rule(), rule -> new ArrayList<>())
                        .add(each.finding()));
        excused.forEach((rule, found) -> (rule.lost() ? lost : notes).add(sentence(rule, found)));
    }

    private static String sentence(Rule rule, List<Finding> found) {
        String named = found.stream()
                .limit(NAMED)
                .map(each -> each.name() + " (" + shortened(each.expected()) + "; restored: " + shortened(each.actual())
                        + ")")
                .collect(Collectors.joining(", "));
        String more = found.size() > NAMED ? " and " + (found.size() - NAMED) + " more" : "";
        return named + more + ": " + rule.reason() + ".";
    }

    private static String shortened(String value) {
        return value.length() > LONGEST_VALUE ? value.substring(0, LONGEST_VALUE) + "…" : value;
    }

    /** Adds the comparison of the source's catalogs under the snapshot with the archive's entries. */
    void source(CatalogComparison source) {
        inSource = source.compared();
        for (Difference inArchive : source.differences()) {
            Optional<Difference> known = differences.stream()
                    .filter(difference -> difference.object().equals(inArchive.object()))
                    .findFirst();
            known.ifPresent(differences::remove);
            differences.add(known.map(restored -> new Difference(
                            restored.object(),
                            restored.expected(),
                            restored.actual() + "; source and archive: " + inArchive.actual(),
                            restored.dumpId()))
                    .orElse(inArchive));
        }
    }

    /** Adds a note to the report that is not a difference. */
    void note(String sentence) {
        notes.add(sentence);
    }

    /**
     * Adds the comparison of the archive with the restored database, when there is no source. The object of an error of
     * pg_restore counts as lost, unless the restored database is seen to contain it.
     */
    public void archive(ArchiveComparison archive, DatabaseObservations target, List<RestoreError> errors) {
        restored = target;
        compared = archive.compared();
        tableRows = archive.rows().entrySet().stream()
                .map(table -> new TableRows(
                        table.getKey().toString(),
                        Optional.of(table.getValue()),
                        rows(target, table.getKey()),
                        Optional.empty(),
                        bytes(target, table.getKey())))
                .sorted(Comparator.comparing(DatabaseComparison::most).reversed())
                .toList();
        differences.addAll(archive.differences());
        notes.addAll(archive.notes());
        refreshEntries
                .keySet()
                .forEach(name ->
                        materializedView(name, true, target.materializedViews().get(name)));
        for (RestoreError error : errors) {
            Entry entry = error.dumpId() == null ? null : entries.get(error.dumpId());
            if (entry != null
                    && !archive.survives(entry)
                    && !isOfOtherServer(entry)
                    && differences.stream()
                            .noneMatch(each -> entry.dumpId() == Objects.requireNonNullElse(each.dumpId(), 0))) {
                differences.add(
                        new Difference(entry.object(), "restored without an error", error.message(), entry.dumpId()));
            }
        }
    }

    /**
     * Objects that the source has and the backup lacks because of PostgreSQL's own rules, for the list of what the
     * backup does not contain.
     */
    public List<String> lost() {
        return List.copyOf(lost);
    }

    /**
     * Compares the versions of extensions. An archive does not contain them: a restore creates the default version.
     *
     * @param upgrade whether the restored database has a newer major version
     */
    void extensions(ExtensionVersions source, Map<String, String> target, boolean upgrade) {
        source.installed().forEach((name, version) -> {
            ExtensionVersion compared = new ExtensionVersion(
                    name, version, source.defaults().get(name), target.getOrDefault(name, version), upgrade);
            compared.note().ifPresent(notes::add);
            compared.difference(extensionEntries.get(name)).ifPresent(differences::add);
        });
    }

    /** Notes the materialized views that cannot be computed here; must be called before the comparison of rows. */
    void otherServers(ForeignReads source, List<RestoreError> errors) {
        otherServers.addAll(source.materializedViews());
        for (RestoreError error : errors) {
            Entry entry = error.dumpId() == null ? null : entries.get(error.dumpId());
            if (error.otherServerUnreachable() && entry != null && refreshEntries.containsValue(entry)) {
                otherServers.add(new TableName(entry.schema(), entry.tag()));
            }
        }
    }

    /** Compares the source's tables under the snapshot with the archive's data and the restored tables. */
    public void rows(DatabaseObservations source, DatabaseObservations target) {
        restored = target;
        tableRows = tableRows(source, target);
        source.tables()
                .forEach((name, expected) -> table(
                        name,
                        Objects.requireNonNull(source.leaves().get(name)),
                        expected,
                        target.tables().get(name)));
        target.tables().forEach((name, actual) -> {
            // An additional empty table is a difference of the schema, or an unlogged table of the primary of a dumped
            // standby.
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
        largeObjects(source.largeObjects(), target.largeObjects());
    }

    /**
     * Compares with the live source, which has changed since the backup: finds missing tables and rows, not additional
     * ones.
     */
    void losses(LiveRows source, DatabaseObservations target, AllowedLoss allowed) {
        liveTables = source.tables().tables().size();
        source.tables().tables().forEach((name, now) -> {
            TableObservation there = target.tables().get(name);
            BigDecimal loss = allowed.of(name.toString());
            if (there == null) {
                differences.add(new Difference(
                        "TABLE " + name,
                        "a table, as the source has one with " + Counted.of(now.rows(), "row"),
                        "no such table",
                        null));
            } else if (there.rows() == 0 && now.rows() > 0) {
                differences.add(new Difference(
                        "TABLE DATA " + name,
                        "some rows, as the source has " + Counted.of(now.rows(), "row"),
                        "none",
                        null));
            } else if (loss != null && there.rows() < AllowedLoss.least(now.rows(), loss)) {
                differences.add(new Difference(
                        "TABLE DATA " + name,
                        "at least " + Counted.of(AllowedLoss.least(now.rows(), loss), "row") + " ("
                                + loss.toPlainString() + "% fewer than the " + now.rows() + " in the source)",
                        Counted.of(there.rows(), "row"),
                        null));
            }
        });
        allowed.tables().keySet().stream()
                .filter(name ->
                        source.tables().tables().keySet().stream().noneMatch(table -> name.equals(table.toString())))
                .sorted()
                .forEach(name ->
                        notes.add(Setting.REFERENCE_TABLES + " names " + name + ", but the source has no such table."));
        notes.add("Compared with the live source as it was at " + source.at() + ": no table may be missing or empty"
                + (allowed.isLimited() ? ", or lack more rows than " + Setting.REFERENCE + " allows" : "")
                + ". Rows that the source has lost or changed since the backup, and rows that it has gained, do"
                + " not count.");
    }

    private void largeObjects(LargeObjects source, LargeObjects target) {
        Set<Long> missing = new TreeSet<>(source.comments().keySet());
        missing.removeAll(target.comments().keySet());
        Set<Long> additional = new TreeSet<>(target.comments().keySet());
        additional.removeAll(source.comments().keySet());
        if (source.count() != target.count()) {
            String expected = Counted.of(source.count(), "large object");
            String actual = Counted.of(target.count(), "large object");
            differences.add(new Difference(
                    LARGE_OBJECTS,
                    missing.isEmpty() ? expected : expected + ", among them " + oids(missing),
                    additional.isEmpty() ? actual : actual + ", among them " + oids(additional),
                    null));
        } else if (!missing.isEmpty()) {
            differences.add(new Difference(LARGE_OBJECTS, oids(missing), "in their place " + oids(additional), null));
        }
        largeObjects("the content of ", changed(source.content(), target.content()));
        Set<Long> facts = changed(source.comments(), target.comments());
        if (plan.restore().withRoles()) {
            facts.addAll(changed(source.owners(), target.owners()));
        }
        largeObjects("owner, privileges and comment of ", facts);
    }

    private static Set<Long> changed(Map<Long, String> source, Map<Long, String> target) {
        return source.keySet().stream()
                .filter(oid -> target.containsKey(oid) && !Objects.equals(source.get(oid), target.get(oid)))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private void largeObjects(String what, Set<Long> changed) {
        if (!changed.isEmpty()) {
            differences.add(
                    new Difference(LARGE_OBJECTS, what + oids(changed) + " as in the source", "different", null));
        }
    }

    private static String oids(Set<Long> oids) {
        if (oids.contains(LargeObjects.ALL)) {
            return "the large objects";
        }
        String some = oids.stream().limit(NAMED).map(String::valueOf).collect(Collectors.joining(", "));
        return "OID " + some + (oids.size() > NAMED ? " and " + (oids.size() - NAMED) + " more" : "");
    }

    private static List<TableRows> tableRows(DatabaseObservations source, DatabaseObservations target) {
        Set<TableName> names = new TreeSet<>(source.tables().keySet());
        names.addAll(target.tables().keySet());
        return names.stream()
                .map(name -> new TableRows(
                        name.toString(),
                        rows(source, name),
                        rows(target, name),
                        bytes(source, name),
                        bytes(target, name)))
                .sorted(Comparator.comparing(DatabaseComparison::most).reversed())
                .toList();
    }

    private static Optional<Long> rows(DatabaseObservations side, TableName name) {
        return Optional.ofNullable(side.tables().get(name)).map(TableObservation::rows);
    }

    private static Optional<Long> bytes(DatabaseObservations side, TableName name) {
        return Optional.ofNullable(side.tableBytes().get(name));
    }

    private static long most(TableRows table) {
        return Math.max(table.source().orElse(0L), table.restored().orElse(0L));
    }

    /** An archive has an entry for the rows of each leaf partition, even if they are loaded through its parent. */
    private void table(
            TableName name, Set<TableName> leaves, TableObservation expected, @Nullable TableObservation actual) {
        List<Integer> data = leaves.stream()
                .map(dataEntries::get)
                .filter(Objects::nonNull)
                .map(Entry::dumpId)
                .toList();
        String object = "TABLE DATA " + name;
        Integer dumpId = data.isEmpty() ? null : data.get(0);
        data.forEach(leaf -> firstOfTable.put(leaf, dumpId));
        if (data.size() < leaves.size()) {
            differences.add(
                    new Difference(object, Counted.of(expected.rows(), "row"), "the archive has no data of it", null));
        } else if (actual == null) {
            differences.add(new Difference(object, Counted.of(expected.rows(), "row"), "the table is missing", dumpId));
        } else {
            difference(object, expected, actual, dumpId);
        }
    }

    private void difference(
            String object, TableObservation expected, TableObservation actual, @Nullable Integer dumpId) {
        if (actual.unreadable().isPresent()) {
            differences.add(new Difference(
                    object,
                    Counted.of(expected.rows(), "row"),
                    "rows that cannot be read (" + actual.unreadable().get() + ")",
                    dumpId));
        } else if (expected.rows() != actual.rows()) {
            differences.add(new Difference(
                    object, Counted.of(expected.rows(), "row"), Counted.of(actual.rows(), "row"), dumpId));
        } else if (!expected.fingerprint().equals(actual.fingerprint())) {
            differences.add(new Difference(
                    object,
                    Counted.of(expected.rows(), "row") + " with the fingerprint " + expected.fingerprint(),
                    "as many rows with the fingerprint " + actual.fingerprint(),
                    dumpId));
        } else if (!actual.generated().isEmpty()
                && !expected.generated().isEmpty()
                && !expected.generated().equals(actual.generated())) {
            differences.add(new Difference(
                    object + " generated columns",
                    "the values that the source has stored, with the fingerprint " + expected.generated(),
                    "other values, as the restore has computed them, with the fingerprint " + actual.generated(),
                    dumpId));
        }
    }

    /** Compares only whether the view is populated, because a restore recomputes its rows. */
    private void materializedView(TableName name, boolean populated, @Nullable Boolean actual) {
        if (populated && Boolean.FALSE.equals(actual) && otherServers.contains(name)) {
            notes.add("MATERIALIZED VIEW DATA " + name
                    + ": not populated, because it reads another server, which the throw-away server cannot reach");
            return;
        }
        if (actual == null || populated != actual) {
            differences.add(new Difference(
                    "MATERIALIZED VIEW DATA " + name,
                    populated ? "populated" : "not populated",
                    actual == null ? "the view is missing" : actual ? "populated" : "not populated",
                    refreshEntries.containsKey(name) ? refreshEntries.get(name).dumpId() : null));
        }
    }

    /** Compares a sequence, which is not part of a snapshot: it may have advanced before pg_dump read it. */
    private void sequence(TableName name, SequenceObservation expected, @Nullable SequenceObservation actual) {
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

    /** Returns a failed check for each difference that is not tolerated; if there is none, a passed check. */
    public List<Check> checks() {
        List<Check> checks = new ArrayList<>();
        Set<ToleratedDifference> met = new HashSet<>();
        int failed = 0;
        for (Difference difference : differences) {
            Optional<ToleratedDifference> tolerated = toleration(difference);
            tolerated.ifPresent(met::add);
            boolean expired = tolerated.filter(DatabaseComparison::isExpired).isPresent();
            if (tolerated.isPresent() && !expired) {
                checks.add(Check.tolerated(
                        difference.object(),
                        difference.expected(),
                        difference.actual(),
                        tolerated.get().reason()));
            } else {
                failed++;
                String until = expired ? " (tolerated until " + tolerated.get().until() + ")" : "";
                checks.add(Check.difference(difference.object(), difference.expected(), difference.actual() + until));
            }
        }
        for (ToleratedDifference tolerated : plan.restore().toleratedDifferences()) {
            if (!met.contains(tolerated)) {
                checks.add(Check.of(
                        Check.COMPARISON,
                        "tolerated difference " + tolerated.object(),
                        "a difference",
                        "there is none; remove the exception before it hides a loss",
                        false));
            }
        }
        // Each failing difference is its own check; their total would only repeat these failures.
        if (plan.comparison().includes(Comparison.SCHEMA) && failed == 0) {
            checks.add(Check.of(
                    Check.COMPARISON,
                    summary(),
                    NONE,
                    differences.isEmpty() ? NONE : Counted.of(differences.size(), "difference"),
                    true));
        }
        return checks;
    }

    /** The objects of the differences that are not tolerated. */
    public Set<String> failing() {
        return differences.stream()
                .filter(difference -> toleration(difference)
                        .filter(tolerated -> !isExpired(tolerated))
                        .isEmpty())
                .map(Difference::object)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private Optional<ToleratedDifference> toleration(Difference difference) {
        return plan.restore().toleratedDifferences().stream()
                .filter(each -> each.object().equals(difference.object()))
                .findFirst();
    }

    private static boolean isExpired(ToleratedDifference tolerated) {
        LocalDate until = tolerated.until();
        return until != null && LocalDate.now(ZoneOffset.UTC).isAfter(until);
    }

    private String summary() {
        String live = liveTables == 0 ? "" : ", losses in " + Counted.of(liveTables, "table") + " of the live source";
        if (baseline == Baseline.Kind.NONE || baseline == Baseline.Kind.LIVE) {
            return Counted.of(sum(compared), "object") + " of archive and restored database, rows of "
                    + Counted.of(tableRows.size(), "table") + " of archive and restored database" + live;
        }
        return Counted.of(sum(inSource), "object") + " of source and archive, "
                + Counted.of(sum(compared), "object") + " of source and restored database"
                + (restored == null
                        ? ""
                        : ", rows of " + Counted.of(restored.tables().size(), "table")
                                + " of source and restored database")
                + live;
    }

    private static int sum(Map<String, Integer> kinds) {
        return kinds.values().stream().mapToInt(Integer::intValue).sum();
    }

    /** Grades errors by their effect: an error is harmless when its entry was restored unchanged, with all its rows. */
    public List<GradedError> grade(List<RestoreError> errors) {
        return errors.stream().map(this::grade).toList();
    }

    private GradedError grade(RestoreError error) {
        Optional<Entry> entry = Optional.ofNullable(error.dumpId()).map(entries::get);
        String object = entry.map(Entry::object).orElse("");
        if (!plan.comparison().includes(Comparison.ROWS)) {
            return new GradedError(
                    object,
                    error.message(),
                    false,
                    "its effect is not known: " + Setting.COMPARISON + " is " + plan.comparison());
        }
        Optional<Difference> effect = entry.flatMap(each -> effectOn(each).findFirst());
        if (effect.isPresent()) {
            return new GradedError(
                    object,
                    error.message(),
                    false,
                    "caused the difference of " + effect.get().object()
                            + (error.isOfAnotherMajorsDump()
                                    ? "; pg_dump of the source's own major version does not write this option"
                                    : ""));
        }
        if (entry.filter(this::isOfOtherServer).isPresent()) {
            return new GradedError(
                    object,
                    error.message(),
                    true,
                    "it reads another server, which the throw-away server cannot reach; the view itself is there");
        }
        if (entry.isPresent()) {
            return new GradedError(
                    object, error.message(), true, "the object exists as in the archive, with all its rows");
        }
        return withoutEntry(error);
    }

    private boolean isOfOtherServer(Entry entry) {
        return entry.description().equals("MATERIALIZED VIEW DATA")
                && otherServers.contains(new TableName(entry.schema(), entry.tag()));
    }

    /** Grades an error without an entry: it is harmless when schema, rows and content agree. */
    private GradedError withoutEntry(RestoreError error) {
        if (!failing().isEmpty()) {
            return new GradedError("", error.message(), false, "there are differences, and it names no entry");
        }
        if (plan.comparison().includes(Comparison.CONTENT)) {
            return new GradedError("", error.message(), true, "schema, rows and content agree");
        }
        // A client of 17 sets transaction_timeout, which an older server does not know.
        if (error.phase() == RestoreError.Phase.INITIALIZING) {
            return new GradedError(
                    "", error.message(), true, "a setting of pg_restore's own session; schema and rows agree");
        }
        return new GradedError(
                "",
                error.message(),
                false,
                "it names no entry, and the rows' content was not compared; " + Setting.COMPARISON.written("content")
                        + " compares it");
    }

    /** A failed comment or grant shows in its own entry; a failed table also loses its data. */
    private Stream<Difference> effectOn(Entry entry) {
        Integer first = firstOfTable.getOrDefault(entry.dumpId(), entry.dumpId());
        return differences.stream()
                .filter(difference -> first.equals(difference.dumpId())
                        || difference.dumpId() != null
                                && ATTACHED.contains(entry.description())
                                && entry.dependencies().contains(difference.dumpId())
                        || Optional.ofNullable(difference.dumpId())
                                .map(entries::get)
                                .filter(lost -> lost.dependencies().contains(entry.dumpId()))
                                .isPresent());
    }

    private VerificationReport.Coverage coverage() {
        Set<QualifiedName> tables = entries.values().stream()
                .filter(entry -> entry.description().equals("TABLE"))
                .map(entry -> QualifiedName.of(entry.schema(), entry.tag()))
                .collect(Collectors.toSet());
        long touched = plan.expectations().stream()
                .flatMap(expectation -> expectation.table().stream())
                .filter(tables::contains)
                .distinct()
                .count();
        return new VerificationReport.Coverage(touched, tables.size());
    }

    private Map<String, Integer> differencesByKind() {
        Set<String> kinds = new HashSet<>(compared.keySet());
        kinds.addAll(inSource.keySet());
        entries.values().forEach(entry -> kinds.add(entry.description()));
        Map<String, Integer> byKind = new TreeMap<>();
        differences.forEach(difference -> byKind.merge(kind(difference.object(), kinds), 1, Integer::sum));
        return byKind;
    }

    /**
     * The longest kind that the object's text begins with, because {@code TABLE DATA} also begins with {@code TABLE}.
     */
    private static String kind(String object, Set<String> kinds) {
        return kinds.stream()
                .filter(kind -> object.startsWith(kind + " "))
                .max(Comparator.comparing(String::length))
                .orElseGet(() -> object.startsWith(LARGE_OBJECTS) ? LARGE_OBJECTS : object.split(" ", 2)[0]);
    }

    public VerificationReport.Compared facts() {
        DatabaseObservations observations = restored;
        return new VerificationReport.Compared(
                plan.comparison().toString(),
                baseline.toString(),
                new TreeMap<>(compared),
                new TreeMap<>(inSource),
                differencesByKind(),
                observations == null ? 0 : observations.tables().size(),
                observations == null
                        ? 0
                        : observations.tables().values().stream()
                                .mapToLong(TableObservation::rows)
                                .sum(),
                observations == null ? 0 : observations.sequences().size(),
                coverage(),
                tableRows,
                notes);
    }
}
