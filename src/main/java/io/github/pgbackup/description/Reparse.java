package io.github.pgbackup.description;

import com.google.gson.JsonElement;
import io.github.pgbackup.postgres.Session;
import java.sql.SQLException;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Makes the restored server parse a text of the source and print it again: PostgreSQL does not print every expression as it was
 * entered, and major versions print differently. Everything happens in transactions that are rolled back.
 */
final class Reparse {

    /** Expressions that may refer to columns of a relation. */
    private static final Set<String> EXPRESSIONS = Set.of(
            "pg_attrdef.adbin",
            "pg_constraint.conbin",
            "pg_index.indexprs",
            "pg_index.indpred",
            "pg_policy.polqual",
            "pg_policy.polwithcheck",
            "pg_partitioned_table.partexprs",
            "pg_publication_rel.prqual",
            "pg_statistic_ext.stxexprs",
            "pg_proc.proargdefaults",
            "pg_type.typdefaultbin");

    private static final String SETTINGS = Describer.RENDERING + """
            set local check_function_bodies = off;
            set local session_replication_role = replica;
            set local statement_timeout = '10s';
            set local lock_timeout = '2s'""";

    private final Session session;
    private final String begin;
    private final String end;

    private Reparse(Session session, String begin, String end) {
        this.session = session;
        this.begin = begin + SETTINGS;
        this.end = end;
    }

    /** Uses a session that is not in a transaction. */
    static Reparse by(Session session) {
        return new Reparse(session, "begin; set local transaction_read_only = off; ", "rollback");
    }

    /** Uses a session's current transaction, which must allow writes. */
    static Reparse within(Session session) {
        return new Reparse(
                session, "savepoint reparsed; ", "rollback to savepoint reparsed; release savepoint reparsed");
    }

    /** Whether two different texts have the same meaning; false when that cannot be determined. */
    boolean isEquivalent(Difference difference) {
        JsonElement expected = difference.expected();
        JsonElement actual = difference.actual();
        if (expected == null
                || actual == null
                || !expected.isJsonPrimitive()
                || !actual.isJsonPrimitive()
                || difference.restored() == null) {
            return false;
        }
        String before = expected.getAsString();
        String after = actual.getAsString();
        try {
            session.execute(begin);
            try {
                return isEquivalent(difference, before, after);
            } catch (SQLException e) {
                return false; // the server rejects the source's text: not equal
            } finally {
                session.execute(end);
            }
        } catch (SQLException e) {
            return false; // the session is lost; the next statement reports it
        }
    }

    private boolean isEquivalent(Difference difference, String before, String after) throws SQLException {
        String column = difference.column();
        DescribedRow row = difference.row();
        if (column.equals("pg_constraint.conbin") && !row.text("contypid").isEmpty()) {
            session.execute("alter domain " + row.partOf() + " add constraint pgbackup_reparsed check (" + before
                    + ") not valid");
            return same(
                    after,
                    session.text("select pg_catalog.pg_get_expr(conbin, 0) from pg_catalog.pg_constraint"
                            + " where conname = 'pgbackup_reparsed'"));
        }
        if (EXPRESSIONS.contains(column)) {
            String from = relation(row).map(name -> " from only " + name).orElse("");
            return print(before, from).equals(print(after, from));
        }
        return switch (column) {
            case "pg_rewrite.ev_action" -> rule(row, before, after);
            case "pg_trigger.tgqual" -> trigger(row, before, after);
            case "pg_proc.prosqlbody" -> body(row, before, after);
            case "pg_collation.colllocale" -> locale(before, after);
            default -> false;
        };
    }

    /** Between two major versions, texts are compared without unnecessary quotes. */
    private static boolean same(String compared, @Nullable String printed) {
        return printed != null
                && CatalogRules.withoutSimpleQuotes(compared).equals(CatalogRules.withoutSimpleQuotes(printed));
    }

    private static Optional<String> relation(DescribedRow row) {
        return switch (row.catalog()) {
            case "pg_proc", "pg_type" -> Optional.empty();
            case "pg_partitioned_table" -> Optional.of(row.name());
            case "pg_statistic_ext" -> Optional.of(row.text("stxrelid"));
            case "pg_index" -> Optional.of(row.text("indrelid"));
            default -> Optional.ofNullable(row.partOf());
        };
    }

    /** A view prints equal expressions identically. */
    private String print(String expressions, String from) throws SQLException {
        session.execute("create or replace temporary view pgbackup_reparsed as select array[row(" + expressions
                + ")::text]" + from.replace("from only", "from"));
        String printed = String.valueOf(
                session.text("select pg_catalog.pg_get_viewdef('pg_temp.pgbackup_reparsed'::pg_catalog.regclass)"));
        session.execute("drop view pg_temp.pgbackup_reparsed");
        return printed;
    }

    private boolean rule(DescribedRow row, String before, String after) throws SQLException {
        String relation = row.partOf();
        String marker = " DO INSTEAD ";
        if (row.name().endsWith("\"_RETURN\"") && before.contains(marker)) {
            String query = withoutSemicolon(
                    before.substring(before.indexOf(marker) + marker.length()).strip());
            session.execute("create temporary view pgbackup_reparsed as " + query);
            return String.valueOf(session.text(
                            "select pg_catalog.pg_get_viewdef('pg_temp.pgbackup_reparsed'::pg_catalog.regclass)"))
                    .equals(session.text("select pg_catalog.pg_get_viewdef(?::pg_catalog.regclass)", relation));
        }
        session.execute(before.replaceFirst("^CREATE RULE", "CREATE OR REPLACE RULE"));
        return same(
                after,
                session.text(
                        "select pg_catalog.pg_get_ruledef(oid) from pg_catalog.pg_rewrite where ev_class = ?::pg_catalog.regclass"
                                + " and pg_catalog.concat_ws(' ', ev_class::pg_catalog.regclass, pg_catalog.quote_ident(rulename)) = ?",
                        relation,
                        row.name()));
    }

    /** PostgreSQL 16 and newer convert an ICU locale to a language tag (manual, "ICU Locales"). */
    private boolean locale(String before, String after) throws SQLException {
        session.execute(
                "create schema pgbackup_reparsed; create collation pgbackup_reparsed.pgbackup_reparsed (provider = icu, locale = '"
                        + before.replace("'", "''") + "')");
        return same(
                after,
                session.text(
                        "select coalesce(pg_catalog.to_jsonb(c) ->> 'colllocale', pg_catalog.to_jsonb(c) ->> 'colliculocale')"
                                + " from pg_catalog.pg_collation c where collname = 'pgbackup_reparsed'"));
    }

    private static String withoutSemicolon(String sql) {
        return sql.endsWith(";") ? sql.substring(0, sql.length() - 1) : sql;
    }

    private boolean trigger(DescribedRow row, String before, String after) throws SQLException {
        String relation = String.valueOf(row.partOf());
        String name = row.name().substring(relation.length() + 1);
        session.execute("drop trigger " + name + " on " + relation);
        session.execute(before);
        return same(
                after,
                session.text(
                        "select pg_catalog.pg_get_triggerdef(oid) from pg_catalog.pg_trigger where tgrelid = ?::pg_catalog.regclass"
                                + " and pg_catalog.quote_ident(tgname) = ?",
                        relation,
                        name));
    }

    /** Replaces the function's current body by the source's. */
    private boolean body(DescribedRow row, String before, String after) throws SQLException {
        String definition = String.valueOf(
                        session.text("select pg_catalog.pg_get_functiondef(?::pg_catalog.regprocedure)", row.name()))
                .strip();
        String body = sqlBody(row);
        if (!same(after.strip(), body) || !definition.endsWith(body)) {
            return false;
        }
        session.execute(definition.substring(0, definition.length() - body.length()) + before.strip());
        return body.equals(sqlBody(row));
    }

    private String sqlBody(DescribedRow row) throws SQLException {
        return String.valueOf(session.text(
                        "select pg_catalog.pg_get_function_sqlbody(?::pg_catalog.regprocedure)", row.name()))
                .strip();
    }
}
