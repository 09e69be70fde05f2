package io.github.pgbackup.archive;

import java.util.ArrayList;
import java.util.List;

/** The COPY command of a {@code TABLE DATA} entry: {@code COPY public.t (a, "b c") FROM stdin;}. */
final class CopyStatement {

    private CopyStatement() {}

    /** The unquoted column names, in the order of the data; a table may have no columns. */
    static List<String> columns(String copyStatement) {
        List<String> columns = new ArrayList<>();
        boolean inList = false;
        for (SqlTokens.Token token : SqlTokens.of(copyStatement)) {
            if (token.is("(")) {
                inList = true;
            } else if (token.is(")")) {
                return columns;
            } else if (inList && token.isIdentifier()) {
                columns.add(token.identifier());
            }
        }
        return columns;
    }
}
