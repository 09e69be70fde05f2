package io.github.pgbackup.expectation;

import io.github.pgbackup.archive.SqlTokens;
import io.github.pgbackup.postgres.QualifiedName;
import io.github.pgbackup.postgres.Session;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.postgresql.core.Parser;
import org.postgresql.jdbc.PgConnection;
import org.postgresql.util.ServerErrorMessage;

/**
 * A user's query and the single value that it must return. It runs in a read-only transaction on the restored database
 * and on the source; an archive cannot run it.
 *
 * @param role the role to run it as, only on the restored database; null for the default role
 */
public record QueryExpectation(
        String name, String sql, String returns, @Nullable String role) implements Expectation {

    /** Wraps a query; the line breaks end a trailing comment. */
    private static final String BEFORE = "select * from (\n";

    private static final String SYNTAX_ERROR = "42601";

    @Override
    public String kind() {
        return "query";
    }

    @Override
    public String title() {
        return Expectation.super.title() + (role == null ? "" : " as " + QualifiedName.quote(role));
    }

    @Override
    public List<Claim> claims() {
        return List.of(Claim.returns(returns));
    }

    /** Always empty: a query may read any tables. */
    @Override
    public Optional<QualifiedName> table() {
        return Optional.empty();
    }

    /**
     * A query with a role runs in a part of the transaction that is rolled back, which restores the session's own role.
     */
    @Override
    public Map<String, Observation> inDatabase(Session session) throws SQLException {
        Claim claim = Claim.returns(returns);
        if (role != null) {
            if (session.number("select count(*) from pg_catalog.pg_roles where rolname = ?", role) == 0) {
                return Map.of(
                        claim.aspect(),
                        Observation.of(false, "the role " + QualifiedName.quote(role) + " does not exist"));
            }
            // As the role itself would see it: its policies apply, and session_user changes, too. Requires a superuser.
            session.execute("set local row_security = on; set local session authorization "
                    + QualifiedName.of(role).quoteAll());
        }
        Optional<String> statement = statement(session);
        if (statement.isEmpty()) {
            return Map.of(claim.aspect(), Observation.of(false, "not one query"));
        }
        // Not prepared: the driver would mistake jsonb operators for parameters.
        try (Statement query = session.connection().createStatement()) {
            query.setEscapeProcessing(false);
            try (ResultSet rows = query.executeQuery(statement.get())) {
                return Map.of(claim.aspect(), observation(claim, rows));
            }
        }
    }

    /**
     * Wraps the query as a subquery; two rows are enough to decide. The driver splits a text at its semicolons, and the
     * server accepts one statement at a time, so that nothing but this query can run, in particular no COMMIT.
     */
    Optional<String> statement(Session session) throws SQLException {
        boolean standardStrings =
                session.connection().unwrap(PgConnection.class).getStandardConformingStrings();
        List<String> queries = statements(sql, standardStrings);
        if (queries.size() != 1) {
            return Optional.empty();
        }
        String statement = BEFORE + queries.get(0) + "\n) as expectation limit 2";
        return statements(statement, standardStrings).size() == 1 ? Optional.of(statement) : Optional.empty();
    }

    /** The server's error, with its position in the query as the user wrote it, not as it is wrapped. */
    public String located(ServerErrorMessage error) {
        int position = error.getPosition() - BEFORE.length();
        int[] characters = sql.strip().codePoints().toArray();
        if (error.getPosition() == 0 || position < 1) {
            return String.valueOf(error.getMessage());
        }
        if (position > characters.length) {
            return SYNTAX_ERROR.equals(error.getSQLState())
                    ? "syntax error at the end of the query"
                    : String.valueOf(error.getMessage());
        }
        String before = new String(characters, 0, position - 1);
        long line = before.chars().filter(c -> c == '\n').count() + 1;
        int column = before.codePointCount(before.lastIndexOf('\n') + 1, before.length()) + 1;
        return error.getMessage() + ", line " + line + ", column " + column;
    }

    private static List<String> statements(String sql, boolean standardStrings) throws SQLException {
        return Parser.parseJdbcSql(sql, standardStrings, false, true, false, false).stream()
                .map(query -> query.nativeSql)
                .filter(text -> !SqlTokens.of(text).isEmpty())
                .toList();
    }

    private static Observation observation(Claim claim, ResultSet rows) throws SQLException {
        int columns = rows.getMetaData().getColumnCount();
        if (columns != 1) {
            return Observation.of(false, columns + " columns");
        }
        if (!rows.next()) {
            return Observation.of(false, "no row");
        }
        String value = rows.getString(1);
        boolean bool = "bool".equals(rows.getMetaData().getColumnTypeName(1));
        if (rows.next()) {
            return Observation.of(false, "more than one row");
        }
        if (value == null) {
            return Observation.of(false, "null");
        }
        if (bool) {
            String actual = value.equals("t") ? "true" : "false";
            return Observation.of(claim.test().test(actual) || claim.test().test(value), actual);
        }
        return claim.observation(value);
    }

    @Override
    public Supplier<Map<String, Observation>> inArchive(ArchiveContents archive) {
        return () -> Map.of("returns", Observation.unknown("an archive cannot run queries"));
    }
}
