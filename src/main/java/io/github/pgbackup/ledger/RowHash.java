package io.github.pgbackup.ledger;

import io.github.pgbackup.postgres.Session;
import java.sql.SQLException;

/** The function of PostgreSQL by which rows are fingerprinted: 128 bits of each, summed in two halves. */
public enum RowHash {

    /**
     * PostgreSQL's own 64-bit hash with two seeds: a fifth of the time of the other (docs/performance.md), but its
     * values are those of the machine's byte order and of PostgreSQL's sources.
     */
    HASH_TEXT_EXTENDED("%s", "pg_catalog.hashtextextended(h, 0)", "pg_catalog.hashtextextended(h, 1)"),

    /** The same everywhere. */
    MD5(
            "pg_catalog.md5(%s)",
            "('x' || substr(h, 1, 16))::bit(64)::bigint", "('x' || substr(h, 17, 16))::bit(64)::bigint");

    /** With lengths on both sides of the twelve bytes that the function takes at once. */
    private static final String PROBE = "select pg_catalog.hashtextextended('pgbackup', 0) || ','"
            + " || pg_catalog.hashtextextended('pgbackup takes a look at two servers', 1)";

    private final String ofRow;
    private final String firstHalf;
    private final String secondHalf;

    RowHash(String ofRow, String firstHalf, String secondHalf) {
        this.ofRow = ofRow;
        this.firstHalf = firstHalf;
        this.secondHalf = secondHalf;
    }

    /** The quickest that gives the same values on both servers. */
    public static RowHash common(Session source, Session target) throws SQLException {
        return String.valueOf(source.text(PROBE)).equals(target.text(PROBE)) ? HASH_TEXT_EXTENDED : MD5;
    }

    /** What is computed of each row's text, an SQL expression that is to be called {@code h}. */
    String ofRow(String text) {
        return ofRow.formatted(text);
    }

    /** Both sums over {@code h}, with a colon between them. */
    String sums() {
        return "coalesce(sum(" + firstHalf + "), 0) || ':' || coalesce(sum(" + secondHalf + "), 0)";
    }
}
