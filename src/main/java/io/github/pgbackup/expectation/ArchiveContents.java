package io.github.pgbackup.expectation;

import io.github.pgbackup.archive.ArchiveData;
import io.github.pgbackup.archive.ArchiveData.ColumnObservations;
import io.github.pgbackup.archive.ArchiveData.ColumnQuestion;
import io.github.pgbackup.archive.ArchiveData.TableObservations;
import io.github.pgbackup.archive.ArchiveData.TableQuestion;
import io.github.pgbackup.archive.Entry;
import io.github.pgbackup.archive.TableDefinition;
import io.github.pgbackup.archive.TableOfContents;
import io.github.pgbackup.postgres.QualifiedName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What an archive says about expectations: the objects in its table of contents, and counts of its rows. Questions
 * about rows are collected first, and {@link #readRows} answers all of them in one pass over the archive.
 */
public final class ArchiveContents {

    private static final Pattern ATTACHED =
            Pattern.compile("ALTER TABLE ONLY ([^;]+?) ATTACH PARTITION (.+?) (?:FOR VALUES|DEFAULT)", Pattern.DOTALL);
    private static final Pattern INHERITS =
            Pattern.compile("\\)\\s*INHERITS \\((.+?)\\)\\s*(?:PARTITION BY|SERVER|USING|WITH|;|$)", Pattern.DOTALL);

    private static final Pattern DOMAIN_TYPE = Pattern.compile(" AS (.+?)(?: COLLATE |\n|;|$)");
    private static final Pattern EXTENSION_SCHEMA = Pattern.compile(" WITH SCHEMA (.+?);");

    private static final Set<String> TABLES = Set.of("TABLE", "FOREIGN TABLE");
    private static final Set<String> OWNERS_OF_PARTS =
            Set.of("TABLE", "FOREIGN TABLE", "VIEW", "MATERIALIZED VIEW", "DOMAIN");

    /** Kinds whose tag consists of the name of the table, a blank and the object's own name. */
    private static final Set<String> PARTS =
            Set.of("CONSTRAINT", "FK CONSTRAINT", "CHECK CONSTRAINT", "TRIGGER", "POLICY");

    private final List<Entry> entries;
    private final Set<String> roles;
    private final Map<String, List<Entry>> byTag = new HashMap<>();

    /** Functions by every possible name: their tags up to each opening parenthesis. */
    private final Map<String, List<Entry>> byFunction = new HashMap<>();

    /** Parts of tables by every possible name: their tags after each blank. */
    private final Map<String, List<Entry>> byPart = new HashMap<>();

    private final List<Entry> extensions;
    private final Set<String> schemas;
    private final Map<QualifiedName, String> domains = new HashMap<>();
    private final Map<Integer, Optional<TableDefinition>> definitions = new HashMap<>();

    /** Partitions and inheriting tables, by parent. */
    private final Map<QualifiedName, List<QualifiedName>> children;

    private final Map<QualifiedName, List<QualifiedName>> parents = new HashMap<>();

    private final List<TableQuestion> questions = new ArrayList<>();
    private List<TableObservations> answers = List.of();

    /**
     * The contents of an archive.
     *
     * @param roles the roles in the roles file next to it
     */
    public ArchiveContents(TableOfContents contents, Set<String> roles) {
        this.entries = contents.entries();
        this.roles = Set.copyOf(roles);
        this.children = children(entries);
        children.forEach((parent, each) -> each.forEach(child ->
                parents.computeIfAbsent(child, none -> new ArrayList<>()).add(parent)));
        this.extensions = entries.stream()
                .filter(entry -> entry.description().equals("EXTENSION"))
                .toList();
        this.schemas = entries.stream()
                .filter(entry -> entry.description().equals("SCHEMA"))
                .map(Entry::tag)
                .collect(Collectors.toSet());
        entries.forEach(this::index);
    }

    private void index(Entry entry) {
        add(byTag, entry.tag(), entry);
        if (ObjectKind.FUNCTION.descriptions().contains(entry.description())) {
            for (int end = entry.tag().indexOf('('); end >= 0; end = entry.tag().indexOf('(', end + 1)) {
                add(byFunction, entry.tag().substring(0, end), entry);
            }
        }
        if (PARTS.contains(entry.description())) {
            for (int end = entry.tag().indexOf(' '); end >= 0; end = entry.tag().indexOf(' ', end + 1)) {
                add(byPart, entry.tag().substring(end + 1), entry);
            }
        }
        if (entry.description().equals("DOMAIN")) {
            Matcher type = DOMAIN_TYPE.matcher(entry.definition());
            if (type.find()) {
                domains.putIfAbsent(QualifiedName.of(entry.schema(), entry.tag()), type.group(1));
            }
        }
    }

    private static void add(Map<String, List<Entry>> index, String name, Entry entry) {
        index.computeIfAbsent(name, none -> new ArrayList<>()).add(entry);
    }

    /** Answers the collected questions; their suppliers may be used afterwards. */
    public void readRows(ArchiveData data) throws InterruptedException {
        answers = data.observations(questions);
    }

    /** Asks for the number of rows in each data entry of the archive. */
    public Supplier<Map<Entry, Long>> rowsOfAll() {
        Map<Entry, Supplier<TableObservations>> asked = new LinkedHashMap<>();
        entries.stream()
                .filter(Entry::isTableData)
                .forEach(entry -> asked.put(entry, ask(new TableQuestion(List.of(entry), List.of()))));
        return () -> {
            Map<Entry, Long> rows = new LinkedHashMap<>();
            asked.forEach(
                    (entry, observations) -> rows.put(entry, observations.get().rows()));
            return rows;
        };
    }

    /** The entries of an object; for a column, those of its table. */
    List<Entry> find(ObjectKind kind, ObjectName name) {
        return switch (kind) {
            case COLUMN -> named(kind.descriptions(), name.schema(), String.valueOf(name.table()));
            case CONSTRAINT, TRIGGER, POLICY ->
                parts(name)
                        .filter(entry -> kind.descriptions().contains(entry.description()))
                        .toList();
            // The archive lists the index of a key as that key.
            case INDEX ->
                Stream.concat(
                                named(Set.of("INDEX"), name.schema(), name.name()).stream(),
                                parts(name).filter(entry -> entry.description().equals("CONSTRAINT")))
                        .toList();
            case FUNCTION ->
                byFunction.getOrDefault(name.name(), List.of()).stream()
                        .filter(entry -> inSchema(entry, name.schema()) && isFunction(entry.tag(), name))
                        .toList();
            case SCHEMA, EXTENSION, ROLE -> named(kind.descriptions(), "", name.name());
            default -> named(kind.descriptions(), name.schema(), name.name());
        };
    }

    boolean isView(ObjectName column) {
        return !named(Set.of("VIEW", "MATERIALIZED VIEW"), column.schema(), String.valueOf(column.table()))
                .isEmpty();
    }

    boolean roleExists(String role) {
        return roles.contains(role);
    }

    List<Entry> sequenceValues(ObjectName sequence) {
        return named(Set.of("SEQUENCE SET"), sequence.schema(), sequence.name());
    }

    /** Whether the archive's table has the column; empty if its definition does not list all columns. */
    Optional<Boolean> hasColumn(ObjectName column) {
        Optional<Entry> table = table(tableOf(column));
        if (table.isEmpty()) {
            return isView(column) || whyNotListed(ObjectKind.TABLE, column).isPresent()
                    ? Optional.empty()
                    : Optional.of(false);
        }
        if (columnType(column).isPresent()) {
            return Optional.of(true);
        }
        if (definition(table.get()).filter(TableDefinition::complete).isPresent()) {
            return Optional.of(false);
        }
        return dataOf(tableOf(column))
                .map(data -> ArchiveData.columns(data).contains(column.name()))
                .filter(there -> there); // a generated column has no data
    }

    /** A column's type in the definition of the archive's table, or of a table that it inherits from. */
    Optional<String> columnType(ObjectName column) {
        List<QualifiedName> next = new ArrayList<>(List.of(tableOf(column)));
        Set<QualifiedName> seen = new HashSet<>();
        while (!next.isEmpty()) {
            QualifiedName table = next.remove(0);
            if (seen.add(table)) {
                Optional<String> type = table(table)
                        .flatMap(this::definition)
                        .flatMap(definition -> definition.column(column.name()))
                        .map(TableDefinition.Column::type);
                if (type.isPresent()) {
                    return type;
                }
                next.addAll(parents.getOrDefault(table, List.of()));
            }
        }
        return Optional.empty();
    }

    /** The type of a column's values: for a domain, its base type. */
    Optional<String> baseType(ObjectName column) {
        Optional<String> type = columnType(column);
        for (int depth = 0; depth < entries.size(); depth++) {
            Optional<String> under = type.flatMap(this::typeUnderDomain);
            if (under.isEmpty()) {
                return type;
            }
            type = under;
        }
        return type;
    }

    private Optional<String> typeUnderDomain(String type) {
        QualifiedName name = domains.isEmpty() ? null : nameOf(type);
        return name == null ? Optional.empty() : Optional.ofNullable(domains.get(name));
    }

    private Optional<TableDefinition> definition(Entry table) {
        return definitions.computeIfAbsent(table.dumpId(), id -> TableDefinition.parse(table.definition()));
    }

    private static @Nullable QualifiedName nameOf(String type) {
        try {
            return QualifiedName.parse(type);
        } catch (IllegalArgumentException e) {
            return null; // a type with a length, or an array; not a domain
        }
    }

    /** The definition of a table or domain contains its check constraints and explicitly named not-null constraints. */
    boolean hasInlineConstraint(ObjectName name) {
        List<Entry> owners = name.table() == null
                ? entries.stream()
                        .filter(entry -> OWNERS_OF_PARTS.contains(entry.description()))
                        .filter(entry -> inSchema(entry, name.schema()))
                        .toList()
                : named(OWNERS_OF_PARTS, name.schema(), name.table());
        return owners.stream()
                .anyMatch(entry ->
                        Definition.constraint(entry.definition(), name.name()).isPresent());
    }

    /**
     * Why a missing entry for an object proves nothing.
     *
     * @return empty when the archive would have an entry if the source had the object
     */
    Optional<String> whyNotListed(ObjectKind kind, ObjectName name) {
        if (kind == ObjectKind.SCHEMA && name.name().equals("public")) {
            return Optional.of("an archive omits the schema public if it is unchanged");
        }
        if (kind == ObjectKind.EXTENSION && name.name().equals("plpgsql")) {
            return Optional.of("an archive omits plpgsql, which every database has");
        }
        if (kind == ObjectKind.EXTENSION) {
            return Optional.empty();
        }
        if ((kind == ObjectKind.CONSTRAINT || kind == ObjectKind.TRIGGER) && isChild(name)) {
            return Optional.of("an archive lists what a table inherits with the parent");
        }
        if (kind == ObjectKind.CONSTRAINT && name.name().endsWith("_not_null")) {
            return Optional.of("an archive omits the default name of a not-null constraint");
        }
        String schema = name.schema() == null ? name.name() : name.schema();
        return extensions.stream()
                .filter(entry -> mayHold(entry, schema))
                .map(entry -> "it may belong to the extension " + QualifiedName.quote(entry.tag()))
                .findFirst();
    }

    /**
     * An extension creates its objects in its own schema, or in a schema that it creates and that has no entry then.
     */
    private boolean mayHold(Entry extension, String schema) {
        Matcher matcher = EXTENSION_SCHEMA.matcher(extension.definition());
        boolean own =
                matcher.find() && QualifiedName.parse(matcher.group(1)).last().equals(schema);
        return own || !schema.equals("public") && !schemas.contains(schema);
    }

    private boolean isChild(ObjectName name) {
        return name.table() == null
                ? parents.keySet().stream()
                        .anyMatch(child -> child.parts().get(0).equals(name.schema()))
                : parents.containsKey(tableOf(name));
    }

    /**
     * Why the archive cannot count the rows of a table and of tables that inherit from it.
     *
     * @return empty when it holds data for all of them
     */
    Optional<Observation> whyNotCounted(ObjectName table) {
        for (QualifiedName each : tree(tableOf(table))) {
            Optional<Entry> entry = table(each);
            if (entry.filter(found -> found.description().equals("FOREIGN TABLE"))
                    .isPresent()) {
                return Optional.of(Observation.unknown("an archive holds no rows of the foreign table " + each));
            }
            if (dataOf(each).isEmpty()
                    && entry.filter(found -> Definition.isPartitioned(found.definition()))
                            .isEmpty()) {
                return Optional.of(Observation.of(false, "the archive holds no data of " + each));
            }
        }
        return Optional.empty();
    }

    /** Asks for the number of rows in a table and in all tables that inherit from it. */
    Supplier<Long> rowsOf(ObjectName table) {
        Supplier<TableObservations> observations = ask(new TableQuestion(dataOfTree(table), List.of()));
        return () -> observations.get().rows();
    }

    /**
     * Asks about a column.
     *
     * @return the observations; empty when the archive's data lacks the column
     */
    Supplier<Optional<ColumnObservations>> columnOf(ObjectName column, boolean distinct, List<String> values) {
        ColumnQuestion question = new ColumnQuestion(column.name(), Set.copyOf(values), distinct);
        Supplier<TableObservations> observations = ask(new TableQuestion(dataOfTree(column), List.of(question)));
        return () -> Optional.ofNullable(observations.get().columns().get(column.name()));
    }

    boolean hasRowsAsInserts(ObjectName table) {
        return dataOfTree(table).stream().anyMatch(Entry::hasRowsAsInserts);
    }

    private Supplier<TableObservations> ask(TableQuestion question) {
        int index = questions.size();
        questions.add(question);
        return () -> answers.get(index);
    }

    private List<Entry> dataOfTree(ObjectName table) {
        return tree(tableOf(table)).stream()
                .flatMap(each -> dataOf(each).stream())
                .toList();
    }

    /** A table and all tables that inherit from it, including partitions. */
    private Set<QualifiedName> tree(QualifiedName root) {
        Set<QualifiedName> tree = new LinkedHashSet<>();
        List<QualifiedName> next = new ArrayList<>(List.of(root));
        while (!next.isEmpty()) {
            QualifiedName each = next.remove(next.size() - 1);
            if (tree.add(each)) {
                next.addAll(children.getOrDefault(each, List.of()));
            }
        }
        return tree;
    }

    private static QualifiedName tableOf(ObjectName name) {
        return QualifiedName.of(String.valueOf(name.schema()), name.table() == null ? name.name() : name.table());
    }

    private Optional<Entry> table(QualifiedName name) {
        return named(TABLES, name.parts().get(0), name.last()).stream().findFirst();
    }

    private Optional<Entry> dataOf(QualifiedName table) {
        return named(Set.of("TABLE DATA"), table.parts().get(0), table.last()).stream()
                .findFirst();
    }

    private static Map<QualifiedName, List<QualifiedName>> children(List<Entry> entries) {
        Map<QualifiedName, List<QualifiedName>> children = new LinkedHashMap<>();
        for (Entry entry : entries) {
            boolean table = TABLES.contains(entry.description());
            if (table || entry.description().equals("TABLE ATTACH")) {
                // Up to 13, the entry of a partition's table also attaches it.
                Matcher attached = ATTACHED.matcher(entry.definition());
                if (attached.find()) {
                    children.computeIfAbsent(QualifiedName.parse(attached.group(1)), parent -> new ArrayList<>())
                            .add(QualifiedName.parse(attached.group(2)));
                }
            }
            Matcher inherits = INHERITS.matcher(entry.definition());
            if (table && inherits.find()) {
                for (String parent : ArgumentTypes.split(inherits.group(1))) {
                    children.computeIfAbsent(QualifiedName.parse(parent), each -> new ArrayList<>())
                            .add(QualifiedName.of(entry.schema(), entry.tag()));
                }
            }
        }
        return children;
    }

    private List<Entry> named(Set<String> descriptions, @Nullable String schema, String tag) {
        return byTag.getOrDefault(tag, List.of()).stream()
                .filter(entry -> descriptions.contains(entry.description()))
                .filter(entry -> inSchema(entry, schema))
                .toList();
    }

    /** Parts of tables with this name; the name may include the table. */
    private Stream<Entry> parts(ObjectName name) {
        return byPart.getOrDefault(name.name(), List.of()).stream()
                .filter(entry -> inSchema(entry, name.schema()))
                .filter(entry -> isOfTable(entry, name));
    }

    private static boolean inSchema(Entry entry, @Nullable String schema) {
        return schema == null || entry.schema().equals(schema);
    }

    /** The tag of a part is the table's name, a blank and its own name; either name may contain blanks. */
    private boolean isOfTable(Entry entry, ObjectName name) {
        String tag = entry.tag();
        if (name.table() != null) {
            return tag.equals(name.table() + " " + name.name());
        }
        if (!tag.endsWith(" " + name.name())) {
            return false;
        }
        String table = tag.substring(0, tag.length() - name.name().length() - 1);
        return !named(OWNERS_OF_PARTS, entry.schema(), table).isEmpty();
    }

    /** The tag of a function is its unquoted name and its argument types in the form of format_type(). */
    private static boolean isFunction(String tag, ObjectName name) {
        if (!tag.startsWith(name.name() + "(") || !tag.endsWith(")")) {
            return false;
        }
        String arguments = tag.substring(name.name().length() + 1, tag.length() - 1);
        return name.arguments() == null || ArgumentTypes.of(name.arguments()).matches(ArgumentTypes.of(arguments));
    }
}
