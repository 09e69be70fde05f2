package io.github.pgbackup.comparison;

import io.github.pgbackup.postgres.Session;
import java.sql.SQLException;

/**
 * The PostgreSQL function for fingerprints of rows. The hashes of a table's rows are added up, so a row's hash must not
 * be a sum of its columns' hashes: an exchange of values between two rows would go unnoticed.
 */
public enum RowHash {

    /**
     * PostgreSQL's own hash of the values, in PostgreSQL 14 and newer. It prints only values of types that consider
     * different values equal, and takes half the time of the hash of the whole row's text (docs/performance.md). A
     * changed row keeps its hash with a probability of 2<sup>-32</sup>. The hash depends on the machine's byte order
     * and on PostgreSQL's version.
     */
    HASH_RECORD_EXTENDED(
            "pg_catalog.hashint8extended(pg_catalog.hash_record_extended(row(%s), 0), 0)",
            "select pg_catalog.hashint8extended(pg_catalog.hash_record_extended(row(true, 'c'::\"char\", -2::smallint,"
                    + " 3::integer, null::integer, -5000000000::bigint, 7::oid, date '2024-02-29', time '12:34:56.789',"
                    + " timestamp '1999-12-31 23:59:59.5', timestamptz '2030-01-01 00:00:00+00',"
                    + " '6f1c1c1e-7d5f-4b6c-9c39-0d4d7b8e2a11'::uuid, pg_catalog.decode('00ff10', 'hex'), 'pgbackup'::text,"
                    + " 'pgbackup takes a look at two servers'::varchar), 0), 0)"),

    /**
     * PostgreSQL's own 64-bit hash of the row's text. It takes a fifth of the time of MD5 (docs/performance.md), but
     * depends on the machine's byte order and on PostgreSQL's version.
     */
    HASH_TEXT_EXTENDED(
            "pg_catalog.hashtextextended(row(%s)::pg_catalog.text, 0)",
            // The texts are shorter and longer than the function's block of twelve bytes.
            "select pg_catalog.hashtextextended('pgbackup', 0) || ','"
                    + " || pg_catalog.hashtextextended('pgbackup takes a look at two servers', 1)"),

    /** The same on all servers. */
    MD5("('x' || pg_catalog.substr(pg_catalog.md5(row(%s)::pg_catalog.text), 1, 16))::bit(64)::bigint", "");

    private static final String HAS_RECORD_HASH =
            "select pg_catalog.to_regprocedure('pg_catalog.hash_record_extended(record,bigint)') is not null";

    private final String ofRow;
    private final String probe;

    RowHash(String ofRow, String probe) {
        this.ofRow = ofRow;
        this.probe = probe;
    }

    /**
     * A table's columns as lists of SQL expressions.
     *
     * @param printed for a row's text
     * @param hashable for {@link #HASH_RECORD_EXTENDED}: each value, or its text if its type considers different values
     *     equal
     */
    record Columns(String printed, String hashable) {

        Columns and(Columns others) {
            return printed.isEmpty()
                    ? others
                    : new Columns(printed + ", " + others.printed, hashable + ", " + others.hashable);
        }
    }

    /** The function's results for known values on this server; empty if they are the same on all servers. */
    String probe(Session session) throws SQLException {
        return probe.isEmpty() || !existsOn(session) ? "" : String.valueOf(session.text(probe));
    }

    private boolean existsOn(Session session) throws SQLException {
        return this != HASH_RECORD_EXTENDED
                || Boolean.TRUE.equals(session.one(HAS_RECORD_HASH, row -> row.getBoolean(1)));
    }

    /** The fastest function that this server has. */
    public static RowHash fastest(Session session) throws SQLException {
        return common(session, session);
    }

    /** The fastest function with equal results on both servers. */
    public static RowHash common(Session source, Session target) throws SQLException {
        for (RowHash hash : values()) {
            if (hash.existsOn(source)
                    && hash.existsOn(target)
                    && hash.probe(source).equals(hash.probe(target))) {
                return hash;
            }
        }
        return MD5;
    }

    /**
     * An SQL expression for a row's hash, a bigint. It contains each column only once, because printing is expensive.
     */
    String ofRow(Columns of) {
        return ofRow.formatted(this == HASH_RECORD_EXTENDED ? of.hashable() : of.printed());
    }
}
