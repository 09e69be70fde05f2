package io.github.pgbackup.plan;

import io.github.pgbackup.expectation.Claim;
import io.github.pgbackup.expectation.Expectation;
import io.github.pgbackup.expectation.ExpectedValues;
import io.github.pgbackup.expectation.ExpectedValues.ExpectedValue;
import io.github.pgbackup.expectation.Interval;
import io.github.pgbackup.expectation.ObjectExpectation;
import io.github.pgbackup.expectation.ObjectKind;
import io.github.pgbackup.expectation.ObjectName;
import io.github.pgbackup.expectation.QueryExpectation;
import io.github.pgbackup.postgres.QualifiedName;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads {@code <expectations>}. */
final class ExpectationReader {

    private static final String QUERY = "query";

    private final Set<String> seen = new HashSet<>();

    List<Expectation> read(Section section) {
        Set<String> kinds = new LinkedHashSet<>(ObjectKind.tags());
        kinds.add(QUERY);
        List<Expectation> expectations = new ArrayList<>();
        for (Section each : section.each(kinds)) {
            Expectation expectation = each.name().equals(QUERY)
                    ? query(each)
                    : object(each, ObjectKind.ofTag(each.name()).orElseThrow());
            each.end();
            if (expectation != null) {
                expectations.add(expectation);
            }
        }
        section.end();
        return expectations;
    }

    private @Nullable Expectation query(Section section) {
        String name = section.required("name", "it identifies the query in the evidence");
        String sql = section.required("sql", "it is the query to run");
        String returns =
                section.required("returns", "it is the value, or the range of numbers, that the query must return");
        unique(section, QUERY, name, name);
        String role = section.scalar("role", ExpectationReader::role);
        return new QueryExpectation(name, sql, returns, role);
    }

    private @Nullable Expectation object(Section section, ObjectKind kind) {
        String text = section.required("name", "expected " + kind.nameForm());
        ObjectName name = text.isEmpty() ? null : section.scalar("name", value -> ObjectName.parse(kind, value));
        if (name != null) {
            unique(
                    section,
                    kind.tag(),
                    text,
                    name.schema() + "\0" + name.table() + "\0" + name.name() + "\0" + name.arguments());
        }
        boolean present = section.flag("present", true);
        List<Claim> claims = new ArrayList<>();
        claims.add(Claim.present(present));
        ExpectedValues values = null;
        for (String aspect : kind.aspects()) {
            if (aspect.equals("values")) {
                values = values(section);
                if (values != null) {
                    claims.add(values.claim());
                }
            } else {
                Claim claim = section.scalar(aspect, value -> claim(aspect, value));
                if (claim != null) {
                    claims.add(claim);
                }
            }
        }
        if (!present && claims.size() > 1) {
            section.problemAt(
                    claims.get(1).aspect(),
                    "conflicts with <present>false</present>, which allows only the tag <name>");
        }
        return name == null ? null : new ObjectExpectation(kind, name, claims, values);
    }

    private static Claim claim(String aspect, String value) {
        return switch (aspect) {
            case "rows", "nulls", "distinct" -> Claim.number(aspect, Interval.ofCounts(value));
            case "lastValue" -> Claim.number(aspect, Interval.ofWholeNumbers(value));
            case "valid", "nullable" -> {
                if (!value.equals("true") && !value.equals("false")) {
                    throw new IllegalArgumentException("expected true or false");
                }
                yield Claim.exactly(aspect, value);
            }
            case "definition", "default" -> Claim.definition(aspect, value);
            case "type" -> Claim.type(value);
            case "owner" -> Claim.exactly(aspect, role(value));
            default -> Claim.exactly(aspect, value);
        };
    }

    /** A role's name is an SQL identifier, like every name. */
    private static String role(String value) {
        QualifiedName name = QualifiedName.parse(value);
        if (name.parts().size() > 1) {
            throw new IllegalArgumentException("expected the name of a role");
        }
        return name.last();
    }

    /** {@code <others>} is accepted both next to {@code <values>} and inside it. */
    private static @Nullable ExpectedValues values(Section column) {
        boolean others = column.flag("others", false);
        Section section = column.section("values");
        if (!section.isPresent()) {
            if (column.has("others")) {
                column.problemAt("others", "applies to values that <values> does not list, but <values> is missing");
            }
            return null;
        }
        List<ExpectedValue> values = new ArrayList<>();
        Set<String> texts = new HashSet<>();
        for (Section each : section.each(Set.of("value", "others"))) {
            if (each.name().equals("others")) {
                others = section.flag("others", others);
                continue;
            }
            String is = each.text("is");
            if (is == null) {
                each.problemAt("is", "is missing: it must be the value; to count nulls, use <nulls>");
            } else if (!texts.add(is)) {
                each.problemAt("is", "repeats '" + is + "'; each value may be listed only once");
            }
            Interval<BigDecimal> rows = each.scalar("rows", Interval::ofCounts, Interval.ofCounts("[1,)"));
            values.add(new ExpectedValue(is == null ? "" : is, rows));
            each.end();
        }
        section.end();
        if (values.isEmpty()) {
            section.problem("lists no <value>; for a column that is null in every row, use <distinct>0</distinct>");
        }
        return new ExpectedValues(values, others);
    }

    private void unique(Section section, String kind, String text, String key) {
        if (!text.isEmpty() && !seen.add(kind + "\0" + key)) {
            section.problemAt("name", "repeats '" + text + "'; each object may have only one expectation");
        }
    }
}
