package io.github.pgbackup.expectation;

import io.github.pgbackup.postgres.Session;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * A query of the user's and the one value it returns. It runs in a read-only transaction, on the restored database and
 * on the source; an archive cannot run it.
 */
public record QueryExpectation(String name, String sql, String returns) implements Expectation {

    @Override
    public String kind() {
        return "query";
    }

    @Override
    public List<Claim> claims() {
        return List.of(Claim.returns(returns));
    }

    @Override
    public Map<String, Figure> inDatabase(Session session) throws SQLException {
        Claim claim = Claim.returns(returns);
        List<Figure> rows = session.list(statement(), row -> one(claim, row));
        Figure figure = switch (rows.size()) {
            case 0 -> Figure.of(false, "no row");
            case 1 -> rows.get(0);
            default -> Figure.of(false, "more than one row");
        };
        return Map.of(claim.aspect(), figure);
    }

    /** As a subquery it can be nothing but one query: no COMMIT fits in there, and two rows are enough to know. */
    private String statement() {
        String query = sql.strip();
        while (query.endsWith(";")) {
            query = query.substring(0, query.length() - 1).strip();
        }
        return "select * from (\n" + query + "\n) as expectation limit 2";
    }

    private static Figure one(Claim claim, ResultSet row) throws SQLException {
        int columns = row.getMetaData().getColumnCount();
        if (columns != 1) {
            return Figure.of(false, columns + " columns");
        }
        String value = row.getString(1);
        return value == null ? Figure.of(false, "null") : claim.figure(value);
    }

    @Override
    public Supplier<Map<String, Figure>> inArchive(ArchiveContents archive) {
        return () -> Map.of("returns", Figure.unknown("an archive runs no query"));
    }
}
