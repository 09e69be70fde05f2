package io.github.pgbackup.archive;

import java.util.ArrayList;
import java.util.List;

/** Splits SQL as pg_dump writes it into tokens, by the lexical rules of the manual, section 4.1. */
public final class SqlTokens {

    /** The kinds of tokens. */
    public enum Kind {
        /** A key word, a number or an identifier without quotes. */
        WORD,
        QUOTED_IDENTIFIER,
        STRING,
        SYMBOL
    }

    /** The text is quoted as in the SQL; start and end are its position there. */
    public record Token(Kind kind, String text, int start, int end) {

        /** Whether it is this symbol, or this key word in upper case, as pg_dump writes it. */
        public boolean is(String expected) {
            return (kind == Kind.WORD || kind == Kind.SYMBOL) && text.equals(expected);
        }

        public boolean isIdentifier() {
            return kind == Kind.WORD || kind == Kind.QUOTED_IDENTIFIER;
        }

        /** The name without quotes. */
        public String identifier() {
            return kind == Kind.QUOTED_IDENTIFIER
                    ? text.substring(1, text.length() - 1).replace("\"\"", "\"")
                    : text;
        }
    }

    private final String sql;
    private int at;

    private SqlTokens(String sql) {
        this.sql = sql;
    }

    /** All tokens; an unclosed quote extends to the end. */
    public static List<Token> of(String sql) {
        return new SqlTokens(sql).tokens();
    }

    private List<Token> tokens() {
        List<Token> tokens = new ArrayList<>();
        while (true) {
            skipSpaceAndComments();
            if (at >= sql.length()) {
                return tokens;
            }
            int start = at;
            Kind kind = next();
            at = Math.min(at, sql.length());
            tokens.add(new Token(kind, sql.substring(start, at), start, at));
        }
    }

    private Kind next() {
        char c = sql.charAt(at);
        if (c == '"') {
            quoted('"', false);
            // An unclosed quote is not an identifier.
            return sql.charAt(Math.min(at, sql.length()) - 1) == '"' && at <= sql.length()
                    ? Kind.QUOTED_IDENTIFIER
                    : Kind.STRING;
        }
        if (c == '\'') {
            quoted('\'', false);
            return Kind.STRING;
        }
        if ((c == 'E' || c == 'e') && sql.startsWith("'", at + 1)) {
            at++;
            quoted('\'', true);
            return Kind.STRING;
        }
        if (c == '$') {
            int tagEnd = at + 1;
            while (tagEnd < sql.length() && isWordPart(sql.charAt(tagEnd)) && sql.charAt(tagEnd) != '$') {
                tagEnd++;
            }
            if (tagEnd < sql.length() && sql.charAt(tagEnd) == '$') {
                String delimiter = sql.substring(at, tagEnd + 1);
                int close = sql.indexOf(delimiter, tagEnd + 1);
                at = close < 0 ? sql.length() : close + delimiter.length();
                return Kind.STRING;
            }
        }
        if (isWordPart(c) && c != '$') {
            while (at < sql.length() && isWordPart(sql.charAt(at))) {
                at++;
            }
            return Kind.WORD;
        }
        at++;
        return Kind.SYMBOL;
    }

    private void quoted(char quote, boolean backslashEscapes) {
        for (at++; at < sql.length(); at++) {
            char c = sql.charAt(at);
            if (backslashEscapes && c == '\\') {
                at++;
            } else if (c == quote) {
                if (!sql.startsWith(String.valueOf(quote), at + 1)) {
                    at++;
                    return;
                }
                at++;
            }
        }
        at = sql.length() + 1;
    }

    private void skipSpaceAndComments() {
        while (at < sql.length()) {
            if (Character.isWhitespace(sql.charAt(at))) {
                at++;
            } else if (sql.startsWith("--", at)) {
                int end = sql.indexOf('\n', at);
                at = end < 0 ? sql.length() : end;
            } else if (sql.startsWith("/*", at)) {
                int end = sql.indexOf("*/", at);
                at = end < 0 ? sql.length() : end + 2;
            } else {
                return;
            }
        }
    }

    private static boolean isWordPart(char c) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || "_$".indexOf(c) >= 0
                || c >= 0x80;
    }
}
