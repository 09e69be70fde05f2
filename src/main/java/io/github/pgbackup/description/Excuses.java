package io.github.pgbackup.description;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.github.pgbackup.postgres.Session;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Distinguishes differences that a restore cannot avoid from real ones. A rule considers one property of one object and the
 * direction of the difference: an object that the restored database lacks is not the same as an additional one.
 */
final class Excuses {

    private static final int FIRST_WITH_NOT_NULL_CONSTRAINTS = 18;
    private static final int FIRST_WITH_FOREIGN_KEY_TRIGGERS_ON_PARTITIONED_TABLES = 15;
    private static final int FIRST_WITH_NOT_NULL_CONSTRAINTS_OF_DOMAINS = 17;
    private static final int FIRST_WITH_PARALLEL_STREAMING = 18;
    private static final int FIRST_WITH_MULTIRANGES = 14;

    /** Before 15, pg_dump dumps nothing but the privileges of schema public. */
    private static final int FIRST_WITH_PUBLIC_IN_DUMPS = 15;

    /** A constraint's trigger, as {@link CatalogRules} names it. */
    private static final Pattern CONSTRAINT_TRIGGER = Pattern.compile(".* for .+ of .+", Pattern.DOTALL);

    private final Session restored;
    private final DescriptionFile.Header source;
    private final int restoredMajor;
    private final boolean superuser;
    private final DescriptionComparison.Result result;
    private final Map<String, DescribedRow> inReference = new HashMap<>();
    private final Set<String> memberNames = new HashSet<>();
    private final Set<String> otherVersions = new TreeSet<>();
    private final Set<String> invalidIndexes = new HashSet<>();
    private final Map<String, String> initialPrivileges = new HashMap<>();
    private final Set<String> missing;

    /**
     * Prepares the judgement.
     *
     * @param restored a session of the restored database
     * @param superuser whether a superuser took the dump
     */
    Excuses(
            Session restored,
            ReferenceDatabase reference,
            DescriptionFile.Header source,
            int restoredMajor,
            boolean superuser,
            DescriptionComparison.Result result)
            throws SQLException {
        this.restored = restored;
        this.source = source;
        this.restoredMajor = restoredMajor;
        this.superuser = superuser;
        this.result = result;
        result.sourceMembers().keySet().forEach(label -> memberNames.add(nameOf(label)));
        result.restoredMembers().keySet().forEach(label -> memberNames.add(nameOf(label)));
        this.missing = result.differences().stream()
                .filter(each -> each.missing() && each.row().aspect() == null)
                .map(each -> each.row().object())
                .collect(Collectors.toSet());
        for (Difference each : result.differences()) {
            DescribedRow expected = each.source();
            if (expected != null && expected.catalog().equals("pg_init_privs")) {
                initialPrivileges.put(expected.object(), expected.text("initprivs"));
            }
            if (each.column().equals("pg_extension.extversion")) {
                otherVersions.add(each.row().object());
            }
            if (each.missing()
                    && each.row().catalog().equals("pg_index")
                    && each.row().text("indisvalid").equals("false")) {
                invalidIndexes.add(each.row().object());
            }
        }
        List<DescribedRow> candidates = result.differences().stream()
                .filter(this::isOfPostgresqlOrAnExtension)
                .map(Difference::row)
                .toList();
        inReference.putAll(reference.rows(candidates));
    }

    private static String nameOf(String label) {
        return new DescribedRow("", label, null, null, false, 0, 0, "{}", null).name();
    }

    private boolean isOfPostgresqlOrAnExtension(Difference difference) {
        DescribedRow row = difference.row();
        return row.builtIn()
                || extension(row).isPresent()
                || row.partOf() != null && memberNames.contains(row.partOf());
    }

    private Optional<String> extension(DescribedRow row) {
        return Optional.ofNullable(result.sourceMembers().get(row.object()))
                .or(() -> Optional.ofNullable(result.restoredMembers().get(row.object())));
    }

    /** The rule that excuses the difference; empty if there is none. */
    Optional<Rule> of(Difference difference) throws SQLException {
        for (Judgement judgement : judgements()) {
            if (judgement.applies(difference)) {
                return Optional.of(judgement.rule());
            }
        }
        return Optional.empty();
    }

    private interface Condition {
        boolean holds(Difference difference) throws SQLException;
    }

    private record Judgement(Rule rule, Condition condition) {
        boolean applies(Difference difference) throws SQLException {
            return condition.holds(difference);
        }
    }

    private List<Judgement> judgements() {
        return List.of(
                new Judgement(Rule.CHILD_COLUMN_ORDER, this::isOrderOfAChild),
                new Judgement(Rule.NOT_NULL_IS_A_CONSTRAINT, this::isNotNullConstraint),
                new Judgement(Rule.INHERITED_NOT_NULL, this::isInheritedUnderAnotherName),
                new Judgement(Rule.PARTITIONED_FOREIGN_KEY, this::isTriggerOnAPartitionedTable),
                new Judgement(Rule.MULTIRANGES, this::cameWithMultiranges),
                new Judgement(Rule.DEFAULT_OF_STREAMING, this::isDefaultOfStreaming),
                new Judgement(Rule.COPIED_COLLATION, Excuses::isEncodingOfACopiedCollation),
                new Judgement(Rule.DESCRIBES_NOTHING, Excuses::describesNothing),
                new Judgement(Rule.SUBSCRIPTION_RESTORED_DISABLED, Excuses::isDisabledSubscription),
                new Judgement(Rule.INVALID_INDEX, this::isOfAnInvalidIndex),
                new Judgement(Rule.FOREIGN_KEY_TRIGGERS, Excuses::isStateOfAConstraintsTrigger),
                new Judgement(Rule.PARTITIONED_INDEX_OVER_FOREIGN_TABLES, this::isIndexOverForeignTables),
                new Judgement(Rule.RANGE_TYPE_PARTS, this::isPartOfARangeType),
                new Judgement(Rule.SHELL_OPERATOR, Excuses::isShellOperator),
                new Judgement(Rule.MEMBER_OF_BUILT_IN_FAMILY, this::isMemberOfABuiltInFamily),
                new Judgement(Rule.SYSTEM_COLLATION, Excuses::isSystemCollation),
                new Judgement(Rule.ONLY_A_SUPERUSER, this::needsASuperuser),
                new Judgement(Rule.INTERNAL_TRIGGER, Excuses::isInternalTrigger),
                new Judgement(Rule.INITIAL_PRIVILEGES, this::areInitialPrivileges),
                new Judgement(Rule.EXTENSION_OF_ANOTHER_VERSION, this::isOfAnotherVersion),
                new Judgement(Rule.EXTENSION_MEMBER, difference -> isAsInReference(difference, false)),
                new Judgement(Rule.BUILT_IN, difference -> isAsInReference(difference, true)));
    }

    private boolean isOrderOfAChild(Difference difference) throws SQLException {
        return difference.column().equals("pg_attribute.attnum")
                && difference.row().partOf() != null
                && exists(
                        "select exists (select from pg_catalog.pg_inherits"
                                + " where inhrelid = pg_catalog.to_regclass(?)) ",
                        difference.row().partOf());
    }

    private boolean isNotNullConstraint(Difference difference) {
        DescribedRow row = difference.row();
        if (!difference.additional() || !row.kind().equals("NOT NULL CONSTRAINT")) {
            return false;
        }
        int first = row.text("contypid").isEmpty()
                ? FIRST_WITH_NOT_NULL_CONSTRAINTS
                : FIRST_WITH_NOT_NULL_CONSTRAINTS_OF_DOMAINS;
        return source.major() < first && restoredMajor >= first;
    }

    /** The other side has it on the same column of the same table, with otherwise equal properties. */
    private boolean isInheritedUnderAnotherName(Difference difference) {
        DescribedRow row = difference.row();
        return isInheritedNotNull(difference)
                && result.differences().stream()
                        .anyMatch(other -> isInheritedNotNull(other)
                                && other.missing() != difference.missing()
                                && Objects.equals(other.row().partOf(), row.partOf())
                                && withoutName(other.row()).equals(withoutName(row)));
    }

    private static boolean isInheritedNotNull(Difference difference) {
        DescribedRow row = difference.row();
        return (difference.missing() || difference.additional())
                && row.aspect() == null
                && row.kind().equals("NOT NULL CONSTRAINT")
                && row.text(CatalogRules.NAMED_BY_A_PARENT).equals("true");
    }

    private static JsonObject withoutName(DescribedRow constraint) {
        JsonObject properties = JsonParser.parseString(constraint.properties()).getAsJsonObject();
        properties.remove("conname");
        return properties;
    }

    /** A foreign key that the source lacks is reported as a separate difference. */
    private boolean isTriggerOnAPartitionedTable(Difference difference) {
        return source.major() < FIRST_WITH_FOREIGN_KEY_TRIGGERS_ON_PARTITIONED_TABLES
                && restoredMajor >= FIRST_WITH_FOREIGN_KEY_TRIGGERS_ON_PARTITIONED_TABLES
                && difference.additional()
                && difference.row().text("tgisinternal").equals("true")
                && CONSTRAINT_TRIGGER.matcher(difference.row().object()).matches();
    }

    private boolean cameWithMultiranges(Difference difference) throws SQLException {
        if (!difference.additional()
                || source.major() >= FIRST_WITH_MULTIRANGES
                || restoredMajor < FIRST_WITH_MULTIRANGES) {
            return false;
        }
        String name = difference.row().name();
        return switch (difference.row().catalog()) {
            case "pg_type", "pg_range" -> exists("""
                    select exists (
                        select from pg_catalog.pg_range r join pg_catalog.pg_type t on t.oid = r.rngmultitypid
                        where pg_catalog.to_regtype(?) in (t.oid, t.typarray))""", name);
            case "pg_proc" -> exists("""
                    select exists (
                        select from pg_catalog.pg_range r join pg_catalog.pg_proc p on p.prorettype = r.rngmultitypid
                        where p.oid = pg_catalog.to_regprocedure(?))""", name);
            case "pg_cast" -> exists("""
                    select exists (
                        select from pg_catalog.pg_range r
                        where pg_catalog.strpos(?, pg_catalog.format_type(r.rngmultitypid, null)) > 0)""", name.replace("\"", ""));
            default -> false;
        };
    }

    private boolean isDefaultOfStreaming(Difference difference) {
        return difference.column().equals("pg_subscription.substream")
                && source.major() < FIRST_WITH_PARALLEL_STREAMING
                && restoredMajor >= FIRST_WITH_PARALLEL_STREAMING
                && is(difference.expected(), "f")
                && is(difference.actual(), "p");
    }

    private static boolean isEncodingOfACopiedCollation(Difference difference) {
        return difference.column().equals("pg_collation.collencoding") && is(difference.expected(), "-1");
    }

    private static boolean describesNothing(Difference difference) {
        return difference.missing() && difference.row().object().startsWith("UNKNOWN ");
    }

    private static boolean is(@Nullable JsonElement value, String text) {
        return value != null && value.isJsonPrimitive() && value.getAsString().equals(text);
    }

    private static boolean isDisabledSubscription(Difference difference) {
        return difference.column().equals("pg_subscription.subenabled") && is(difference.actual(), "false");
    }

    private boolean isOfAnInvalidIndex(Difference difference) {
        DescribedRow row = difference.row();
        return difference.missing()
                && (invalidIndexes.contains(row.object())
                        || row.partOf() != null && invalidIndexes.contains("INDEX " + row.partOf()));
    }

    /** The state of a user's own trigger is restored. */
    private static boolean isStateOfAConstraintsTrigger(Difference difference) {
        return difference.column().equals("pg_trigger.tgenabled")
                && difference.source() != null
                && difference.source().text("tgisinternal").equals("true")
                && CONSTRAINT_TRIGGER.matcher(difference.row().object()).matches()
                && is(difference.actual(), "O");
    }

    private boolean isIndexOverForeignTables(Difference difference) throws SQLException {
        return difference.column().equals("pg_index.indisvalid")
                && is(difference.actual(), "false")
                && exists("""
                        select exists (
                            select from pg_catalog.pg_index i, pg_catalog.pg_partition_tree(i.indrelid) t
                            join pg_catalog.pg_class c on c.oid = t.relid
                            where i.indexrelid = pg_catalog.to_regclass(?) and c.relkind = 'f')""", difference.row().name());
    }

    /** PostgreSQL records them as internally dependent on the range type. */
    private boolean isPartOfARangeType(Difference difference) throws SQLException {
        String column = difference.column();
        if (column.equals("pg_proc.proacl") || column.equals("pg_proc.proowner")) {
            return exists("""
                    select exists (
                        select from pg_catalog.pg_depend d
                        where d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass
                          and d.objid = pg_catalog.to_regprocedure(?) and d.deptype = 'i'
                          and d.refclassid = 'pg_catalog.pg_type'::pg_catalog.regclass)""", difference.row().name());
        }
        return (column.equals("pg_type.typowner") || column.equals("pg_type.typacl"))
                && difference.source() != null
                && difference.source().text("typtype").equals("m");
    }

    private static boolean isShellOperator(Difference difference) {
        return difference.missing()
                && difference.row().catalog().equals("pg_operator")
                && difference.row().text("oprcode").isEmpty();
    }

    private boolean isMemberOfABuiltInFamily(Difference difference) throws SQLException {
        DescribedRow row = difference.row();
        String catalog = row.catalog();
        if (!difference.missing() || !catalog.equals("pg_amop") && !catalog.equals("pg_amproc")) {
            return false;
        }
        String family = row.text(catalog.equals("pg_amop") ? "amopfamily" : "amprocfamily");
        return exists("""
                select exists (
                    select from pg_catalog.pg_opfamily f join pg_catalog.pg_am m on m.oid = f.opfmethod
                    where f.opfnamespace = 'pg_catalog'::pg_catalog.regnamespace
                      and pg_catalog.concat_ws(' ', m.amname, f.opfname) = ?)""", family.replace("\"", ""));
    }

    private static boolean isSystemCollation(Difference difference) {
        DescribedRow row = difference.row();
        return row.catalog().equals("pg_collation")
                && row.text("collnamespace").replace("\"", "").equals("pg_catalog")
                && (difference.missing() || difference.additional() || row.builtIn());
    }

    private boolean needsASuperuser(Difference difference) {
        if (superuser) {
            return false;
        }
        DescribedRow row = difference.row();
        return difference.missing()
                        && (row.kind().equals("SUBSCRIPTION")
                                || row.partOf() != null && missing.contains("SUBSCRIPTION " + row.partOf()))
                || difference.column().equals("pg_user_mapping.umoptions");
    }

    /** pg_init_privs records what an extension's script granted: pg_dump attributes it to the extension and omits it. */
    private boolean areInitialPrivileges(Difference difference) {
        DescribedRow row = difference.row();
        if (row.catalog().equals("pg_init_privs")) {
            return !row.builtIn();
        }
        DescribedRow expected = difference.source();
        return difference.property().endsWith("acl")
                && expected != null
                && expected.text(difference.property()).equals(initialPrivileges.get(row.object()));
    }

    private static boolean isInternalTrigger(Difference difference) {
        return difference.missing()
                && difference.row().catalog().equals("pg_trigger")
                && difference.row().text("tgisinternal").equals("true")
                && difference.row().text("tgconstraint").isEmpty();
    }

    private boolean isOfAnotherVersion(Difference difference) {
        if (difference.column().equals("pg_extension.extversion")) {
            return source.major() != restoredMajor;
        }
        return isOfPostgresqlOrAnExtension(difference)
                && extension(difference.row())
                        .or(() -> ownerOf(difference.row()))
                        .filter(otherVersions::contains)
                        .isPresent();
    }

    private Optional<String> ownerOf(DescribedRow row) {
        return result.restoredMembers().entrySet().stream()
                .filter(member -> nameOf(member.getKey()).equals(row.partOf()))
                .map(Map.Entry::getValue)
                .findFirst();
    }

    /** The restored database agrees with a fresh one, so it is the source that deviates. */
    private boolean isAsInReference(Difference difference, boolean builtIn) {
        DescribedRow row = difference.row();
        if (!isOfPostgresqlOrAnExtension(difference) || row.builtIn() != builtIn) {
            return false;
        }
        if (difference.property().endsWith("acl")
                || row.builtIn() && row.kind().equals("SCHEMA") && source.major() >= FIRST_WITH_PUBLIC_IN_DUMPS
                || row.catalog().equals("pg_database")) {
            return false; // dumped, whoever created the object
        }
        DescribedRow fresh = inReference.get(row.identity());
        if (difference.missing()) {
            return fresh == null;
        }
        if (fresh == null) {
            return false;
        }
        DescribedRow actual = difference.restored();
        if (difference.property().equals(DescriptionComparison.RAW)) {
            return actual != null && Objects.equals(actual.raw(), fresh.raw());
        }
        return !difference.additional()
                ? actual != null && actual.text(difference.property()).equals(fresh.text(difference.property()))
                : true;
    }

    private boolean exists(String sql, String name) throws SQLException {
        return restored.list(sql, row -> row.getBoolean(1), name).contains(true);
    }
}
