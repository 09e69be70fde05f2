package io.github.pgbackup.comparison;

import io.github.pgbackup.postgres.Session;
import java.sql.SQLException;

/** The PostgreSQL function for fingerprints of rows: 64 bits per row, which are added up. */
public enum RowHash {

    /**
     * PostgreSQL's own 64-bit hash. It takes a fifth of the time of MD5 (docs/performance.md), but depends on the
     * machine's byte order and on PostgreSQL's version.
     */
    HASH_TEXT_EXTENDED("pg_catalog.hashtextextended(%s, 0)"),

    /** The same on all servers. */
    MD5("('x' || pg_catalog.substr(pg_catalog.md5(%s), 1, 16))::bit(64)::bigint");

    /** One text is shorter than the function's block of twelve bytes, the other one is longer. */
    private static final String PROBE = "select pg_catalog.hashtextextended('pgbackup', 0) || ','"
            + " || pg_catalog.hashtextextended('pgbackup takes a look at two servers', 1)";

    private final String ofRow;

    RowHash(String ofRow) {
        this.ofRow = ofRow;
    }

    /** The function's results for known texts on this server; empty if they are the same on all servers. */
    String probe(Session session) throws SQLException {
        return this == HASH_TEXT_EXTENDED ? String.valueOf(session.text(PROBE)) : "";
    }

    /** The fastest function with equal results on both servers. */
    public static RowHash common(Session source, Session target) throws SQLException {
        return String.valueOf(source.text(PROBE)).equals(target.text(PROBE)) ? HASH_TEXT_EXTENDED : MD5;
    }

    /**
     * An SQL expression for a row's hash, a bigint. It contains the row's text only once, because that is expensive.
     */
    String ofRow(String text) {
        return ofRow.formatted(text);
    }
}
