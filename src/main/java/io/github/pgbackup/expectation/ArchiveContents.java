package io.github.pgbackup.expectation;

import io.github.pgbackup.archive.ArchiveData;
import io.github.pgbackup.archive.ArchiveData.ColumnFigures;
import io.github.pgbackup.archive.ArchiveData.ColumnQuestion;
import io.github.pgbackup.archive.ArchiveData.TableFigures;
import io.github.pgbackup.archive.ArchiveData.TableQuestion;
import io.github.pgbackup.archive.Entry;
import io.github.pgbackup.archive.TableDefinition;
import io.github.pgbackup.archive.TableOfContents;
import io.github.pgbackup.postgres.QualifiedName;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What expectations can ask of an archive: objects of its table of contents, and counts over the rows that it holds.
 * Counts are noted first and answered all at once by {@link #readRows}, in one pass over the archive.
 */
public final class ArchiveContents {

    private static final Pattern ATTACHED =
            Pattern.compile("ALTER TABLE ONLY (.+) ATTACH PARTITION (.+?) (?:FOR VALUES|DEFAULT)", Pattern.DOTALL);
    private static final Pattern INHERITS =
            Pattern.compile("\\)\\s*INHERITS \\((.+?)\\)\\s*(?:PARTITION BY|WITH|;|$)", Pattern.DOTALL);

    private final List<Entry> entries;
    private final Set<String> roles;
    private final List<TableQuestion> questions = new ArrayList<>();
    private List<TableFigures> answers = List.of();

    /**
     * The contents of an archive.
     *
     * @param roles the roles in the roles file beside it
     */
    public ArchiveContents(TableOfContents contents, Set<String> roles) {
        this.entries = contents.entries();
        this.roles = Set.copyOf(roles);
    }

    /** Answers the questions that were noted; what they return may be used from here on. */
    public void readRows(ArchiveData data) throws InterruptedException {
        answers = data.figures(questions);
    }

    /** The entries of an object; those of a column's, constraint's, trigger's or policy's table for a column. */
    List<Entry> find(ObjectKind kind, ObjectName name) {
        return switch (kind) {
            case COLUMN -> named(kind.descriptions(), name.schema(), tag -> tag.equals(name.table()));
            case CONSTRAINT, TRIGGER, POLICY -> named(kind.descriptions(), name.schema(), tag -> isOfTable(tag, name));
            // The index behind a key is in the archive as that key.
            case INDEX ->
                entries.stream()
                        .filter(entry -> inSchema(entry, name.schema()))
                        .filter(entry -> entry.description().equals("INDEX")
                                        && entry.tag().equals(name.name())
                                || entry.description().equals("CONSTRAINT") && isOfTable(entry.tag(), name))
                        .toList();
            case FUNCTION -> named(kind.descriptions(), name.schema(), tag -> isFunction(tag, name));
            case SCHEMA, EXTENSION, ROLE -> named(kind.descriptions(), "", tag -> tag.equals(name.name()));
            default -> named(kind.descriptions(), name.schema(), tag -> tag.equals(name.name()));
        };
    }

    boolean isView(ObjectName column) {
        return !named(Set.of("VIEW", "MATERIALIZED VIEW"), column.schema(), tag -> tag.equals(column.table()))
                .isEmpty();
    }

    boolean roleExists(String role) {
        return roles.contains(role);
    }

    List<Entry> sequenceValues(ObjectName sequence) {
        return named(Set.of("SEQUENCE SET"), sequence.schema(), tag -> tag.equals(sequence.name()));
    }

    /** Whether the archive's table has the column; empty where its definition does not list all columns. */
    Optional<Boolean> hasColumn(ObjectName column) {
        List<Entry> tables = find(ObjectKind.COLUMN, column);
        if (tables.isEmpty()) {
            return isView(column) ? Optional.empty() : Optional.of(false);
        }
        Optional<TableDefinition> definition =
                TableDefinition.parse(tables.get(0).definition());
        boolean listed =
                definition.flatMap(table -> table.column(column.name())).isPresent();
        if (listed || definition.map(TableDefinition::complete).orElse(false)) {
            return Optional.of(listed);
        }
        List<Entry> data = dataOf(column.schema(), String.valueOf(column.table()));
        return data.isEmpty()
                ? Optional.empty()
                : Optional.of(ArchiveData.columns(data.get(0)).contains(column.name()));
    }

    /** A column's type as the archive's table definition has it. */
    Optional<String> columnType(ObjectName column) {
        return find(ObjectKind.COLUMN, column).stream()
                .flatMap(entry -> TableDefinition.parse(entry.definition()).stream())
                .flatMap(table -> table.column(column.name()).stream())
                .map(TableDefinition.Column::type)
                .findFirst();
    }

    /** Check constraints stand in the definition of their table or domain. */
    boolean hasInlineConstraint(ObjectName name) {
        boolean inTable = named(Set.of("TABLE", "FOREIGN TABLE"), name.schema(), tag -> isOwner(tag, name)).stream()
                .flatMap(entry -> TableDefinition.parse(entry.definition()).stream())
                .anyMatch(table -> table.constraints().contains(name.name()));
        String clause = "CONSTRAINT " + QualifiedName.quote(name.name()) + " ";
        return inTable
                || named(Set.of("DOMAIN"), name.schema(), tag -> isOwner(tag, name)).stream()
                        .anyMatch(entry -> entry.definition().contains(clause));
    }

    /** Notes the question how many rows the archive holds of a table and of what inherits from it. */
    Supplier<Long> rowsOf(ObjectName table) {
        Supplier<TableFigures> figures = ask(new TableQuestion(treeOf(table.schema(), table.name()), List.of()));
        return () -> figures.get().rows();
    }

    /**
     * Notes questions about a column.
     *
     * @return its figures; none when the archive's data has no such column
     */
    Supplier<Optional<ColumnFigures>> columnOf(ObjectName column, boolean distinct, List<String> values) {
        ColumnQuestion question = new ColumnQuestion(column.name(), Set.copyOf(values), distinct);
        Supplier<TableFigures> figures =
                ask(new TableQuestion(treeOf(column.schema(), String.valueOf(column.table())), List.of(question)));
        return () -> Optional.ofNullable(figures.get().columns().get(column.name()));
    }

    private Supplier<TableFigures> ask(TableQuestion question) {
        int index = questions.size();
        questions.add(question);
        return () -> answers.get(index);
    }

    /** The data of a table and of all that inherits from it, partitions among them. */
    private List<Entry> treeOf(@Nullable String schema, String table) {
        List<Entry> data = new ArrayList<>();
        Set<QualifiedName> seen = new HashSet<>();
        List<QualifiedName> next = new ArrayList<>(List.of(QualifiedName.of(String.valueOf(schema), table)));
        while (!next.isEmpty()) {
            QualifiedName each = next.remove(0);
            if (seen.add(each)) {
                data.addAll(dataOf(each.parts().get(0), each.last()));
                next.addAll(childrenOf(each));
            }
        }
        return data;
    }

    private List<Entry> dataOf(@Nullable String schema, String table) {
        return named(Set.of("TABLE DATA"), schema, tag -> tag.equals(table));
    }

    private List<QualifiedName> childrenOf(QualifiedName parent) {
        List<QualifiedName> children = new ArrayList<>();
        for (Entry entry : entries) {
            if (entry.description().equals("TABLE ATTACH")) {
                Matcher attached = ATTACHED.matcher(entry.definition());
                if (attached.find() && QualifiedName.parse(attached.group(1)).equals(parent)) {
                    children.add(QualifiedName.parse(attached.group(2)));
                }
            } else if (entry.description().equals("TABLE")) {
                Matcher inherits = INHERITS.matcher(entry.definition());
                if (inherits.find() && listed(inherits.group(1)).contains(parent)) {
                    children.add(QualifiedName.of(entry.schema(), entry.tag()));
                }
            }
        }
        return children;
    }

    /** Names with commas between them. */
    private static List<QualifiedName> listed(String names) {
        List<QualifiedName> list = new ArrayList<>();
        boolean quoted = false;
        int start = 0;
        for (int i = 0; i <= names.length(); i++) {
            if (i == names.length() || names.charAt(i) == ',' && !quoted) {
                list.add(QualifiedName.parse(names.substring(start, i).strip()));
                start = i + 1;
            } else if (names.charAt(i) == '"') {
                quoted = !quoted;
            }
        }
        return list;
    }

    private List<Entry> named(Set<String> descriptions, @Nullable String schema, Predicate<String> tag) {
        return entries.stream()
                .filter(entry -> descriptions.contains(entry.description()))
                .filter(entry -> inSchema(entry, schema))
                .filter(entry -> tag.test(entry.tag()))
                .toList();
    }

    private static boolean inSchema(Entry entry, @Nullable String schema) {
        return schema == null || entry.schema().equals(schema);
    }

    /** The tag of what belongs to a table is the table's name, a blank and its own. */
    private static boolean isOfTable(String tag, ObjectName name) {
        return name.table() == null ? tag.endsWith(" " + name.name()) : tag.equals(name.table() + " " + name.name());
    }

    private static boolean isOwner(String tag, ObjectName name) {
        return name.table() == null || tag.equals(name.table());
    }

    /** The tag of a function is its name with its argument types, as format_type() prints them. */
    private static boolean isFunction(String tag, ObjectName name) {
        String quoted = QualifiedName.quote(name.name());
        int bracket = tag.startsWith(quoted + "(")
                ? quoted.length()
                : tag.startsWith(name.name() + "(") ? name.name().length() : -1;
        if (bracket < 0 || name.arguments() == null) {
            return bracket >= 0;
        }
        List<TypeName> actual = types(tag.substring(bracket + 1, tag.length() - 1));
        List<TypeName> wanted = types(name.arguments());
        if (actual.size() != wanted.size()) {
            return false;
        }
        for (int i = 0; i < wanted.size(); i++) {
            if (!wanted.get(i).matches(actual.get(i))) {
                return false;
            }
        }
        return true;
    }

    private static List<TypeName> types(String arguments) {
        return arguments.isBlank()
                ? List.of()
                : Arrays.stream(arguments.split(",", -1)).map(TypeName::of).toList();
    }
}
