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

/** The description of a database at one time, to be shown beside that of the same database at another time. */
public final class DescribedSchema {

    /** Lines that are equal, before and after those that differ. */
    private static final int CONTEXT = 1;

    /** What a row of the catalogs says when there is nothing to say, and what another row says too. */
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

    /** Of a new object: what its name says, and what follows from what it is. */
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

    /** Describes the database of a session; in the transaction that the session is in. */
    public static DescribedSchema of(Session session) throws SQLException {
        Describer describer = Describer.of(session, "");
        describer.leavePristineOut();
        SortedMap<String, DescribedRow> rows = new TreeMap<>();
        describer.describe(row -> rows.put(row.identity(), row));
        return new DescribedSchema(rows);
    }

    /**
     * How another description differs from this one: a unified diff of the rows of the catalogs that are not equal. Empty when
     * all are.
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
                        .skip(3) // the names, and the place, which are of one row
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
     * What comes and goes with another row: columns of an index or a view, triggers behind a foreign key, the pg_class of an
     * index, which has a pg_index too.
     */
    private static boolean isPart(@Nullable DescribedRow row) {
        return row != null
                && (row.text("tgisinternal").equals("true")
                        || row.catalog().equals("pg_class") && row.kind().endsWith("INDEX")
                        || row.catalog().equals("pg_attribute") && !row.kind().contains("TABLE"));
    }

    /**
     * What it is, and its properties.
     *
     * @param all also those that say nothing new of an object that is there only before, or only after
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
                boolean said = USUAL.contains(value)
                        || USUAL.contains(property)
                        || FOLLOWING.contains(each.getKey())
                        || object.contains(value);
                if (all ? !value.isEmpty() : !said) {
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
