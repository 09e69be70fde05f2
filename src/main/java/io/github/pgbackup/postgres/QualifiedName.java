package io.github.pgbackup.postgres;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A name of a database object as SQL writes it, for example {@code public."Order Items"."Unit Price"}.
 *
 * <p>Parts are stored as in the catalog: without quotes, and folded to lower case if they were not quoted. See the
 * manual, 4.1.1 "Identifiers and Key Words".
 *
 * @param parts one or more parts; none is empty, and each has at most {@value #MAXIMUM_BYTES} bytes of UTF-8
 */
public record QualifiedName(List<String> parts) {

    /**
     * NAMEDATALEN - 1. PostgreSQL truncates longer names with a notice; a truncated name can't be what the user meant.
     */
    public static final int MAXIMUM_BYTES = 63;

    /**
     * The key words that are reserved to some degree in any of PostgreSQL 13 to 19 (manual, appendix C):
     * quote_identifier and pg_dump put them in double quotes.
     */
    private static final Set<String> KEY_WORDS =
            Set.of(("all analyse analyze and any array as asc asymmetric authorization between bigint binary bit "
                            + "boolean both case cast char character check coalesce collate collation column "
                            + "concurrently constraint create cross current_catalog current_date current_role "
                            + "current_schema current_time current_timestamp current_user dec decimal default "
                            + "deferrable desc distinct do else end except exists extract false fetch float for "
                            + "foreign freeze from full grant greatest group grouping having ilike in initially inner "
                            + "inout int integer intersect interval into is isnull join json json_array "
                            + "json_arrayagg json_exists json_object json_objectagg json_query json_scalar "
                            + "json_serialize json_table json_value lateral leading least left like limit localtime "
                            + "localtimestamp merge_action national natural nchar none normalize not notnull null "
                            + "nullif numeric offset on only or order out outer overlaps overlay placing position "
                            + "precision primary real references returning right row select session_user setof "
                            + "similar smallint some substring symmetric system_user table tablesample then time "
                            + "timestamp to trailing treat trim true union unique user using values varchar variadic "
                            + "verbose when where window with xmlattributes xmlconcat xmlelement xmlexists xmlforest "
                            + "xmlnamespaces xmlparse xmlpi xmlroot xmlserialize xmltable")
                    .split(" "));

    public QualifiedName {
        parts = List.copyOf(parts);
        if (parts.isEmpty()) {
            throw new IllegalArgumentException("A name needs at least one part.");
        }
    }

    /** A name from parts as in the catalog. */
    public static QualifiedName of(String... parts) {
        return new QualifiedName(List.of(parts));
    }

    /**
     * Parses a name by the rules of PostgreSQL's parser.
     *
     * @throws IllegalArgumentException when PostgreSQL would reject it; the message is a complete sentence for the user
     */
    public static QualifiedName parse(String text) {
        return new QualifiedName(new Parser(text).parts());
    }

    /** The last part: the name of the object itself. */
    public String last() {
        return parts.get(parts.size() - 1);
    }

    /** The name as SQL, with double quotes only where quote_ident would add them; for people. */
    @Override
    public String toString() {
        return parts.stream().map(QualifiedName::quote).collect(Collectors.joining("."));
    }

    /** The name as SQL with every part in double quotes; safe to embed, whatever the server's key words are. */
    public String quoteAll() {
        return parts.stream().map(QualifiedName::alwaysQuote).collect(Collectors.joining("."));
    }

    /** One part as SQL, in double quotes where quote_ident would add them. */
    public static String quote(String part) {
        return isPlain(part) && !KEY_WORDS.contains(part) ? part : alwaysQuote(part);
    }

    private static String alwaysQuote(String part) {
        return '"' + part.replace("\"", "\"\"") + '"';
    }

    private static boolean isPlain(String part) {
        if (part.isEmpty() || Character.isDigit(part.charAt(0))) {
            return false;
        }
        return part.chars().allMatch(c -> (c >= 'a' && c <= 'z') || c == '_' || (c >= '0' && c <= '9'));
    }

    /** Implements the rules of PostgreSQL's scan.l for identifiers; white space is allowed around the dots. */
    private static final class Parser {

        private final String text;
        private int at;

        Parser(String text) {
            this.text = text;
        }

        List<String> parts() {
            List<String> parts = new ArrayList<>();
            skipSpace();
            if (at == text.length()) {
                throw new IllegalArgumentException(
                        "The name is empty; write an SQL identifier such as public.\"Order Items\".");
            }
            while (true) {
                parts.add(part());
                skipSpace();
                if (at == text.length()) {
                    return parts;
                }
                if (text.charAt(at) != '.') {
                    throw invalid("has %s where only a dot or the end may follow".formatted(describe(at)));
                }
                at++;
                skipSpace();
            }
        }

        private String part() {
            if (at == text.length()) {
                throw invalid("ends after a dot");
            }
            String part = text.charAt(at) == '"' ? quoted() : unquoted();
            int bytes = part.getBytes(StandardCharsets.UTF_8).length;
            if (bytes > MAXIMUM_BYTES) {
                throw new IllegalArgumentException(
                        "The identifier %s has %d bytes; PostgreSQL's identifiers have at most %d bytes."
                                .formatted(alwaysQuote(part), bytes, MAXIMUM_BYTES));
            }
            return part;
        }

        private String quoted() {
            StringBuilder part = new StringBuilder();
            for (at++; at < text.length(); at++) {
                char c = text.charAt(at);
                if (c == 0) {
                    throw invalid("has a character with code 0, which PostgreSQL cannot store");
                }
                if (c == '"') {
                    at++;
                    if (at == text.length() || text.charAt(at) != '"') {
                        if (part.isEmpty()) {
                            throw invalid("has an empty quoted identifier");
                        }
                        return part.toString();
                    }
                }
                part.append(c);
            }
            throw invalid("has a double quote that is not closed");
        }

        private String unquoted() {
            int start = at;
            StringBuilder part = new StringBuilder();
            for (; at < text.length(); at++) {
                char c = text.charAt(at);
                boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c >= 0x80;
                boolean digit = (c >= '0' && c <= '9') || c == '$';
                if (!letter && (!digit || at == start)) {
                    break;
                }
                // Only ASCII is folded: in a multibyte encoding, PostgreSQL does not change other letters.
                part.append(c >= 'A' && c <= 'Z' ? (char) (c + ('a' - 'A')) : c);
            }
            if (at == start) {
                throw invalid("has %s where an identifier must begin".formatted(describe(at)));
            }
            return part.toString();
        }

        private void skipSpace() {
            while (at < text.length() && " \t\n\r\f".indexOf(text.charAt(at)) >= 0) {
                at++;
            }
        }

        private String describe(int index) {
            return "'%s' at character %d".formatted(Character.toString(text.codePointAt(index)), index + 1);
        }

        private IllegalArgumentException invalid(String fact) {
            return new IllegalArgumentException(
                    ("The name %s %s; write SQL identifiers joined by dots. An identifier with other characters than letters, digits,"
                                    + " _ and $ needs double quotes, such as public.\"Order Items\".")
                            .formatted(text, fact));
        }
    }
}
