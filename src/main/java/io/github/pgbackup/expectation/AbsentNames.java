package io.github.pgbackup.expectation;

import io.github.pgbackup.Setting;
import io.github.pgbackup.postgres.Session;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Finds objects that must be absent, in schemas that do not exist: a mistyped name is always absent. */
public final class AbsentNames {

    private AbsentNames() {}

    /** A warning for each such object; queries the database only if some object must be absent. */
    public static List<String> warnings(List<Expectation> expectations, Session session) throws SQLException {
        List<ObjectExpectation> absent = expectations.stream()
                .filter(ObjectExpectation.class::isInstance)
                .map(ObjectExpectation.class::cast)
                .filter(each -> each.mustBeAbsent() && each.objectName().schema() != null)
                .toList();
        if (absent.isEmpty()) {
            return List.of();
        }
        Set<String> schemas =
                new HashSet<>(session.list("select nspname from pg_catalog.pg_namespace", row -> row.getString(1)));
        return absent.stream()
                .filter(each -> !schemas.contains(each.objectName().schema()))
                .map(each -> "The " + each.kind() + " " + each.name()
                        + " is expected to be absent, and the source has no"
                        + " schema " + each.objectName().schema() + ": a mistyped name would pass as well. Correct the"
                        + " name; if the schema itself must be absent, expect that: "
                        + absent(each.objectName().schema()) + ".")
                .toList();
    }

    private static String absent(@Nullable String schema) {
        Map<String, String> content = new LinkedHashMap<>();
        content.put("name", String.valueOf(schema));
        content.put("present", "false");
        return Setting.element("schema", content);
    }
}
