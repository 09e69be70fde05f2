package io.github.pgbackup.rehearsal;

import io.github.pgbackup.archive.SqlTokens;
import io.github.pgbackup.archive.SqlTokens.Kind;
import io.github.pgbackup.archive.SqlTokens.Token;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Brings statements into a form that can be shown: a constant could be a value of a row, or a password. */
final class SqlText {

    /** Maximum number of characters of a statement to show. */
    static final int LONGEST = 2_000;

    private SqlText() {}

    /** The statements in a text that the simple protocol sends as one message, without blank ones. */
    static List<String> statements(String sql) {
        List<String> statements = new ArrayList<>();
        int start = 0;
        int nested = 0;
        boolean any = false;
        String before = "";
        for (Token token : SqlTokens.of(sql)) {
            String word = token.text().toLowerCase(Locale.ROOT);
            // A function's body may be written in SQL's standard form: BEGIN ATOMIC … END; CASE ends with END too.
            if (token.kind() == Kind.WORD
                    && (word.equals("atomic") && before.equals("begin") || word.equals("case") && nested > 0)) {
                nested++;
            } else if (token.kind() == Kind.WORD && word.equals("end") && nested > 0) {
                nested--;
            }
            if (token.is(";") && nested == 0) {
                if (any) {
                    statements.add(sql.substring(start, token.start()));
                }
                start = token.end();
                any = false;
            } else {
                any = true;
            }
            before = word;
        }
        if (any) {
            statements.add(sql.substring(start));
        }
        return statements;
    }

    /**
     * The statement without comments, with one blank wherever there was white space between tokens, and with ? for each
     * constant.
     */
    static String withoutConstants(String sql) {
        StringBuilder text = new StringBuilder();
        int end = 0;
        boolean parameter = false;
        for (Token token : SqlTokens.of(sql)) {
            if (text.length() > LONGEST) {
                return text.substring(0, LONGEST) + "…";
            }
            if (token.start() > end && !text.isEmpty()) {
                text.append(' ');
            }
            end = token.end();
            text.append(isConstant(token) && !parameter ? "?" : token.text());
            // $1 is a parameter, whose value is not in the text.
            parameter = token.is("$");
        }
        return text.toString();
    }

    private static boolean isConstant(Token token) {
        char first = token.text().charAt(0);
        // An identifier whose quotes are not closed counts as a string.
        return token.kind() == Kind.STRING || token.kind() == Kind.WORD && first >= '0' && first <= '9';
    }
}
