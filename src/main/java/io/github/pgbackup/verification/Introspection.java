package io.github.pgbackup.verification;

import io.github.pgbackup.expectation.Claim;
import io.github.pgbackup.expectation.Expectation;
import io.github.pgbackup.expectation.Figure;
import io.github.pgbackup.postgres.Session;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** Asks a database every expectation, inside a read-only transaction; one that fails does not keep the others from it. */
final class Introspection {

    /** serialization_failure, deadlock_detected, lock_not_available. */
    private static final Set<String> ELSEWHERE = Set.of("40001", "40P01", "55P03");

    private static final String INSUFFICIENT_RESOURCES = "53";
    private static final String SYSTEM_ERROR = "58";

    private final List<Expectation> expectations;

    Introspection(List<Expectation> expectations) {
        this.expectations = expectations;
    }

    /**
     * Asks in the transaction that the session is in.
     *
     * @return the figures of each expectation, in their order
     */
    Map<Expectation, Map<String, Figure>> ask(Session session) throws SQLException {
        Map<Expectation, Map<String, Figure>> figures = new LinkedHashMap<>();
        for (Expectation expectation : expectations) {
            session.execute("savepoint expectation");
            try {
                // Only for the user's own queries: what we write names its schema.
                session.execute("set local search_path = public");
                figures.put(expectation, expectation.inDatabase(session));
            } catch (SQLException e) {
                if (!(e instanceof PSQLException server)
                        || server.getServerErrorMessage() == null
                        || isNotAboutTheQuestion(server.getServerErrorMessage())) {
                    throw e; // the connection is lost, not the question wrong
                }
                figures.put(expectation, failed(expectation, server.getServerErrorMessage()));
            }
            session.execute("rollback to savepoint expectation");
        }
        return figures;
    }

    /**
     * A lock that is not to be had, a full disk. A standby that has to go on with replication ends a session, since it cannot
     * go back to a savepoint.
     */
    private static boolean isNotAboutTheQuestion(ServerErrorMessage error) {
        String state = String.valueOf(error.getSQLState());
        return "FATAL".equals(error.getSeverity())
                || ELSEWHERE.contains(state)
                || INSUFFICIENT_RESOURCES.equals(state.substring(0, 2))
                || SYSTEM_ERROR.equals(state.substring(0, 2));
    }

    private static Map<String, Figure> failed(Expectation expectation, ServerErrorMessage error) {
        String state = String.valueOf(error.getSQLState());
        // Data exceptions, violated constraints and errors raised by functions can quote values.
        String message = Stream.of("22", "23", "P0").anyMatch(state::startsWith)
                ? "SQLSTATE " + state
                : error.getMessage() + " (SQLSTATE " + state + ")";
        Map<String, Figure> figures = new LinkedHashMap<>();
        expectation
                .claims()
                .forEach(claim -> figures.put(claim.aspect(), new Figure(Figure.State.FAILS, "error: " + message)));
        return figures;
    }

    /** Makes the checks from the three sides' figures. */
    List<Check> checks(
            Map<Expectation, Map<String, Figure>> archive,
            Map<Expectation, Map<String, Figure>> restored,
            Map<Expectation, Map<String, Figure>> source) {
        BiFunction<Map<Expectation, Map<String, Figure>>, Expectation, Map<String, Figure>> of =
                (side, expectation) -> side.getOrDefault(expectation, Map.of());
        return expectations.stream()
                .flatMap(expectation -> expectation.claims().stream()
                        .map(claim -> Check.of(
                                expectation,
                                claim,
                                new Check.Figures(
                                        figure(of.apply(archive, expectation), claim),
                                        figure(of.apply(restored, expectation), claim),
                                        figure(of.apply(source, expectation), claim)))))
                .toList();
    }

    private static Figure figure(Map<String, Figure> figures, Claim claim) {
        return figures.getOrDefault(claim.aspect(), Figure.unknown("not asked"));
    }
}
