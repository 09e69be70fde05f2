package io.github.pgbackup.comparison;

import io.github.pgbackup.postgres.Session;
import java.sql.SQLException;

/** The function of PostgreSQL by which rows are fingerprinted: 64 bits of each, which are summed up. */
public enum RowHash {

    /**
     * PostgreSQL's own 64-bit hash: a fifth of the time of the other (docs/performance.md), but its values are those of
     * the machine's byte order and of PostgreSQL's sources.
     */
    HASH_TEXT_EXTENDED("pg_catalog.hashtextextended(%s, 0)"),

    /** The same everywhere. */
    MD5("('x' || pg_catalog.substr(pg_catalog.md5(%s), 1, 16))::bit(64)::bigint");

    /** With lengths on both sides of the twelve bytes that the function takes at once. */
    private static final String PROBE = "select pg_catalog.hashtextextended('pgbackup', 0) || ','"
            + " || pg_catalog.hashtextextended('pgbackup takes a look at two servers', 1)";

    private final String ofRow;

    RowHash(String ofRow) {
        this.ofRow = ofRow;
    }

    /** What the function makes of known texts on this server; of one that is the same everywhere nothing. */
    String probe(Session session) throws SQLException {
        return this == HASH_TEXT_EXTENDED ? String.valueOf(session.text(PROBE)) : "";
    }

    /** The quickest that gives the same values on both servers. */
    public static RowHash common(Session source, Session target) throws SQLException {
        return String.valueOf(source.text(PROBE)).equals(target.text(PROBE)) ? HASH_TEXT_EXTENDED : MD5;
    }

    /** An SQL expression: a bigint of a row's text. It names the text once, which is costly to make. */
    String ofRow(String text) {
        return ofRow.formatted(text);
    }
}
