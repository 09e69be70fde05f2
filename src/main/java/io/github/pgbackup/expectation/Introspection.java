package io.github.pgbackup.expectation;

import io.github.pgbackup.postgres.Session;
import io.github.pgbackup.postgres.SqlState;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiConsumer;
import java.util.function.ToIntFunction;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * Evaluates all expectations in a database, inside a read-only transaction. If one of them causes an error, the others
 * are evaluated all the same.
 */
public final class Introspection {

    /** Maximum number of questions in one statement. */
    private static final int TOGETHER = 1_000;

    private final List<Expectation> expectations;

    /** Whether a query may run as the role that it names. */
    private final boolean asRoles;

    /** For the restored database. */
    public Introspection(List<Expectation> expectations) {
        this(expectations, true);
    }

    private Introspection(List<Expectation> expectations, boolean asRoles) {
        this.expectations = expectations;
        this.asRoles = asRoles;
    }

    /** For the source, where every query runs as our own role. */
    public static Introspection ofSource(List<Expectation> expectations) {
        return new Introspection(expectations, false);
    }

    /**
     * Evaluates the expectations in the session's current transaction: looks up all objects of a kind at once, then
     * counts what has to be counted, then runs the queries one by one.
     *
     * @return the observations of each expectation, in their order
     */
    public Map<Expectation, Map<String, Observation>> ask(Session session) throws SQLException {
        Map<Expectation, Map<String, Observation>> observations = new LinkedHashMap<>();
        expectations.forEach(expectation -> observations.put(expectation, new LinkedHashMap<>()));
        List<Counting> countings = new ArrayList<>();
        for (ObjectKind kind : ObjectKind.values()) {
            List<ObjectExpectation> ofKind = expectations.stream()
                    .filter(ObjectExpectation.class::isInstance)
                    .map(ObjectExpectation.class::cast)
                    .filter(each -> each.objectKind() == kind)
                    .toList();
            for (List<ObjectExpectation> some : parts(ofKind, TOGETHER, each -> 1)) {
                ask(
                        session,
                        some,
                        all -> lookUp(session, kind, all, observations, countings),
                        (each, error) -> observations.put(each, failed(each, error)));
            }
        }
        countings.sort(Comparator.comparing(counting -> counting.measurement().relation()));
        for (List<Counting> some : parts(countings, TOGETHER, Counting::weight)) {
            ask(
                    session,
                    some,
                    all -> count(session, all, observations),
                    (each, error) -> of(observations, each.expectation())
                            .put(each.measurement().aspect(), failure(each.expectation(), error)));
        }
        for (Expectation expectation : expectations) {
            if (expectation instanceof QueryExpectation query && query.role() != null && !asRoles) {
                expectation
                        .claims()
                        .forEach(claim -> of(observations, expectation)
                                .put(claim.aspect(), Observation.unknown("asked only of the restored database")));
            } else if (expectation instanceof QueryExpectation) {
                ask(
                        session,
                        List.of(expectation),
                        all -> {
                            // Only for the user's own queries: our own name every schema.
                            session.execute("set local search_path = public");
                            observations.put(expectation, expectation.inDatabase(session));
                        },
                        (each, error) -> observations.put(each, failed(each, error)));
            }
        }
        return observations;
    }

    /** Something to count, and for which expectation. */
    private record Counting(ObjectExpectation expectation, Measurement measurement) {

        /**
         * A statement keeps the locks on all its relations, and its answer waits for all of them. So one statement
         * reads at most about 64 MB, or 50 small relations.
         */
        int weight() {
            return (int) Math.min(TOGETHER, Math.max(TOGETHER / 50, measurement.pages() * TOGETHER / 8_192));
        }
    }

    private static void lookUp(
            Session session,
            ObjectKind kind,
            List<ObjectExpectation> all,
            Map<Expectation, Map<String, Observation>> observations,
            List<Counting> countings)
            throws SQLException {
        List<CatalogAnswer> answers = ObjectExpectation.lookUp(session, kind, all);
        for (int i = 0; i < answers.size(); i++) {
            ObjectExpectation expectation = all.get(i);
            of(observations, expectation).putAll(answers.get(i).observations());
            answers.get(i).measurements().forEach(each -> countings.add(new Counting(expectation, each)));
        }
    }

    private static void count(
            Session session, List<Counting> all, Map<Expectation, Map<String, Observation>> observations)
            throws SQLException {
        List<Observation> counted = Measurement.take(
                session, all.stream().map(Counting::measurement).toList());
        for (int i = 0; i < counted.size(); i++) {
            of(observations, all.get(i).expectation())
                    .put(all.get(i).measurement().aspect(), counted.get(i));
        }
    }

    private static Map<String, Observation> of(
            Map<Expectation, Map<String, Observation>> observations, Expectation expectation) {
        return Objects.requireNonNull(observations.get(expectation));
    }

    /** Splits a list into parts, in order. A part weighs at most this much, unless it has a single element. */
    private static <T> List<List<T>> parts(List<T> all, int most, ToIntFunction<T> weight) {
        List<List<T>> parts = new ArrayList<>();
        int room = 0;
        for (T each : all) {
            room -= weight.applyAsInt(each);
            if (parts.isEmpty() || room < 0) {
                parts.add(new ArrayList<>());
                room = most - weight.applyAsInt(each);
            }
            parts.get(parts.size() - 1).add(each);
        }
        return parts;
    }

    /** Asks questions in a part of the transaction that is rolled back. */
    private interface Asking<T> {
        void ask(List<T> all) throws SQLException;
    }

    /**
     * Asks all questions at once. If one of them causes an error, asks each half separately, until that question is
     * found.
     */
    private static <T> void ask(Session session, List<T> all, Asking<T> asking, BiConsumer<T, ServerErrorMessage> wrong)
            throws SQLException {
        ServerErrorMessage error = null;
        session.execute("savepoint expectation");
        try {
            asking.ask(all);
        } catch (SQLException e) {
            if (!(e instanceof PSQLException server)
                    || server.getServerErrorMessage() == null
                    || isNotAboutTheQuestion(server.getServerErrorMessage())) {
                throw e; // the question did not cause this error, such as a lost connection
            }
            error = server.getServerErrorMessage();
        }
        session.execute("rollback to savepoint expectation");
        if (error != null && all.size() == 1) {
            wrong.accept(all.get(0), error);
        } else if (error != null) {
            int half = all.size() / 2;
            ask(session, all.subList(0, half), asking, wrong);
            ask(session, all.subList(half, all.size()), asking, wrong);
        }
    }

    /**
     * Whether the cause is not the question, but for example a lock that is not available, or a full disk. A standby
     * ends a session that conflicts with recovery, because it cannot roll back to a savepoint.
     */
    private static boolean isNotAboutTheQuestion(ServerErrorMessage error) {
        SqlState state = SqlState.of(error.getSQLState());
        return "FATAL".equals(error.getSeverity())
                || state.isTransient()
                || state.lacksResources()
                || state.isOfTheSystem();
    }

    private static Map<String, Observation> failed(Expectation expectation, ServerErrorMessage error) {
        Map<String, Observation> observations = new LinkedHashMap<>();
        expectation.claims().forEach(claim -> observations.put(claim.aspect(), failure(expectation, error)));
        return observations;
    }

    private static Observation failure(Expectation expectation, ServerErrorMessage error) {
        SqlState state = SqlState.of(error.getSQLState());
        String message = state.mayQuoteValues()
                ? "SQLSTATE " + state
                : (expectation instanceof QueryExpectation query ? query.located(error) : error.getMessage())
                        + " (SQLSTATE " + state + ")";
        return new Observation(Observation.State.FAILS, "error: " + message);
    }
}
