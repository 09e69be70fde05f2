package io.github.pgbackup.source;

import io.github.pgbackup.postgres.Session;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Why pg_restore cannot restore a database correctly with several jobs. An archive records which entries depend on the
 * data of a table, but not which data depends on the data of another table. With several jobs, nothing else preserves
 * that order.
 *
 * @param hazards those that affect every parallel restore come first
 */
public record ParallelRestore(List<Hazard> hazards) {

    private static final int MAX_NAMES = 3;

    public ParallelRestore {
        hazards = List.copyOf(hazards);
    }

    /**
     * A reason to restore with one job.
     *
     * @param object the object, for example {@code trigger stamp of the partitioned table public.orders}
     * @param certain whether the catalogs prove that it does harm; otherwise it depends on what a function does
     */
    public record Hazard(String object, boolean certain) {}

    /** Queries the source's catalogs in a single statement, regardless of the number of objects. */
    public static ParallelRestore of(Session session) throws SQLException {
        return new ParallelRestore(
                session.list(hazardsSql(), row -> new Hazard(row.getString("object"), row.getBoolean("certain"))));
    }

    private static String hazardsSql() {
        try (InputStream file = ParallelRestore.class.getResourceAsStream("parallel-restore.sql")) {
            return new String(Objects.requireNonNull(file).readAllBytes(), StandardCharsets.UTF_8)
                    .replace(":hashed_by_enum", DumpedRelations.HASHED_BY_ENUM);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether several jobs restore the same data as one job. */
    public boolean isSound() {
        return hazards.isEmpty();
    }

    /** The hazards, for a log line. */
    public String why() {
        return text(hazards);
    }

    /** A warning for whoever restores this backup; empty when several jobs do no certain harm. */
    public Optional<String> warning() {
        List<Hazard> certain = hazards.stream().filter(Hazard::certain).toList();
        return certain.isEmpty()
                ? Optional.empty()
                : Optional.of("pg_restore with several jobs changes or loses data of this database because of "
                        + text(certain) + "; in an emergency, restore with one job (--jobs=1).");
    }

    private static String text(List<Hazard> hazards) {
        String named = String.join(
                ", ", hazards.stream().limit(MAX_NAMES).map(Hazard::object).toList());
        int more = hazards.size() - MAX_NAMES;
        return more > 0 ? named + " and " + more + " more" : named;
    }
}
