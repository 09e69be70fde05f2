package io.github.pgbackup.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A pattern of relations: a schema's and a relation's name as SQL identifiers, in which {@code *} outside of double
 * quotes matches any text. {@code public.*}, {@code app.order_*}, {@code "Odd Schema".*}.
 */
public final class NamePattern {

    private static final String ALLOWED =
            "expected patterns of the form schema.table, separated by commas, such as public.*,app.order_*,\"Odd Schema\".*";

    /** A part consists of quoted and unquoted pieces. */
    private static final String PART = "((?:\"(?:[^\"]|\"\")*\"|[^\\s\",.])+)";

    private static final Pattern ONE = Pattern.compile("\\s*" + PART + "\\s*\\.\\s*" + PART + "\\s*(?:,|$)");
    private static final Pattern PIECE = Pattern.compile("\"((?:[^\"]|\"\")*)\"|\\*|[^\"*]+");

    private final String text;
    private final Predicate<String> schema;
    private final Predicate<String> relation;

    private NamePattern(String text, String schema, String relation) {
        this.text = text;
        this.schema = glob(schema);
        this.relation = glob(relation);
    }

    /**
     * Parses patterns separated by commas.
     *
     * @throws IllegalArgumentException whose message says what is expected
     */
    static List<NamePattern> parse(String text) {
        List<NamePattern> patterns = new ArrayList<>();
        Matcher matcher = ONE.matcher(text);
        int at = 0;
        while (at < text.length()) {
            if (!matcher.find(at) || matcher.start() != at) {
                throw new IllegalArgumentException(ALLOWED);
            }
            patterns.add(
                    new NamePattern(matcher.group(1) + "." + matcher.group(2), matcher.group(1), matcher.group(2)));
            at = matcher.end();
        }
        if (patterns.isEmpty() || text.endsWith(",")) {
            throw new IllegalArgumentException(ALLOWED);
        }
        return patterns;
    }

    private static Predicate<String> glob(String part) {
        StringBuilder pattern = new StringBuilder();
        Matcher piece = PIECE.matcher(part);
        while (piece.find()) {
            if (piece.group().equals("*")) {
                pattern.append(".*");
            } else if (piece.group(1) != null) {
                pattern.append(Pattern.quote(piece.group(1).replace("\"\"", "\"")));
            } else {
                pattern.append(Pattern.quote(folded(piece.group())));
            }
        }
        return Pattern.compile(pattern.toString(), Pattern.DOTALL).asMatchPredicate();
    }

    /** Folds only ASCII, as PostgreSQL does in a multibyte encoding. */
    private static String folded(String piece) {
        return piece.codePoints()
                .map(c -> c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    /** Whether the pattern matches a relation, given its names as in the catalog. */
    public boolean matches(String ofSchema, String ofRelation) {
        return schema.test(ofSchema) && relation.test(ofRelation);
    }

    /** Returns the pattern as the user wrote it. */
    @Override
    public String toString() {
        return text;
    }
}
