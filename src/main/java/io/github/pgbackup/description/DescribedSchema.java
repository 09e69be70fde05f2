package io.github.pgbackup.description;

import com.github.difflib.DiffUtils;
import com.github.difflib.UnifiedDiffUtils;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.github.pgbackup.postgres.Session;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** A description of a database at some time, for comparison with the same database at another time. */
public final class DescribedSchema {

    /** Number of equal lines to show before and after those that differ. */
    private static final int CONTEXT = 1;

    /** Values that carry no information, and values that another row repeats. */
    private static final Set<String> USUAL = Set.of(
            "",
            " ",
            "false",
            "-1",
            "0",
            "[]",
            "[0]",
            "[null]",
            "\\x",
            "relpersistence: p",
            "relreplident: d",
            "relreplident: n",
            "attislocal: true",
            "conislocal: true",
            "indimmediate: true",
            "indisready: true",
            "indisvalid: true",
            "indislive: true",
            "tgenabled: O",
            "ev_enabled: O",
            "ev_type: 1",
            "is_instead: true");

    /** Properties of a new object that follow from its name or its kind. */
    private static final Set<String> FOLLOWING = Set.of(
            "attnum",
            "attstorage",
            "relkind",
            "relam",
            "indnatts",
            "indnkeyatts",
            "conkey",
            "confkey",
            "conpfeqop",
            "conppeqop",
            "conffeqop",
            "contype",
            "confmatchtype",
            "conindid");

    private final SortedMap<String, DescribedRow> rows;

    private DescribedSchema(SortedMap<String, DescribedRow> rows) {
        this.rows = rows;
    }

    /** Describes a session's database in the session's current transaction. */
    public static DescribedSchema of(Session session) throws SQLException {
        Describer describer = Describer.of(session, "");
        describer.omitPristine();
        SortedMap<String, DescribedRow> rows = new TreeMap<>();
        describer.describe(row -> rows.put(row.identity(), row));
        return new DescribedSchema(rows);
    }

    /**
     * How a later description differs from this one: a unified diff of the catalog rows that differ; empty when all rows are
     * equal.
     */
    public List<String> diff(DescribedSchema after) {
        TreeSet<String> identities = new TreeSet<>(rows.keySet());
        identities.addAll(after.rows.keySet());
        List<String> diff = new ArrayList<>();
        for (String identity : identities) {
            DescribedRow old = rows.get(identity);
            DescribedRow now = after.rows.get(identity);
            if (old == null || now == null
                    ? !isPart(old == null ? now : old)
                    : !old.properties().equals(now.properties())) {
                boolean both = old != null && now != null;
                List<String> oldLines = lines(old, both);
                List<String> nowLines = lines(now, both);
                UnifiedDiffUtils.generateUnifiedDiff(
                                "before", "after", oldLines, DiffUtils.diff(oldLines, nowLines), CONTEXT)
                        .stream()
                        .skip(3) // the file names and the position
                        .filter(line -> !line.startsWith("@@"))
                        .forEach(diff::add);
            }
        }
        if (!diff.isEmpty()) {
            diff.addAll(0, List.of("--- before", "+++ after"));
        }
        return diff;
    }

    /**
     * Rows that come and go with another row: columns of an index or a view, triggers of a foreign key, and the pg_class row of an
     * index, which has a pg_index row, too.
     */
    private static boolean isPart(@Nullable DescribedRow row) {
        return row != null
                && (row.text("tgisinternal").equals("true")
                        || row.catalog().equals("pg_class") && row.kind().endsWith("INDEX")
                        || row.catalog().equals("pg_attribute") && !row.kind().contains("TABLE"));
    }

    /**
     * The row's object and its properties.
     *
     * @param all whether to include properties that add nothing for an object that exists only before or only after
     */
    private static List<String> lines(@Nullable DescribedRow row, boolean all) {
        List<String> lines = new ArrayList<>();
        if (row != null) {
            String object = row.object() + (row.aspect() == null ? "" : ", " + row.aspect());
            lines.add(object);
            JsonObject properties = JsonParser.parseString(row.properties()).getAsJsonObject();
            for (Map.Entry<String, JsonElement> each : properties.entrySet()) {
                String value = value(each.getValue());
                String property = each.getKey() + ": " + value;
                boolean redundant = USUAL.contains(value)
                        || USUAL.contains(property)
                        || FOLLOWING.contains(each.getKey())
                        || object.contains(value);
                if (all ? !value.isEmpty() : !redundant) {
                    property.lines().forEach(line -> lines.add("    " + line));
                }
            }
        }
        return lines;
    }

    private static String value(JsonElement element) {
        if (element.isJsonNull()) {
            return "";
        }
        return element.isJsonPrimitive() ? element.getAsString() : Objects.toString(element);
    }
}
