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
 * What pg_restore cannot restore soundly with several jobs. An archive says what must wait for the data of a table; it does
 * not say what must wait for the data of another one, and with several jobs nothing else keeps the order.
 *
 * @param hazards those that happen on every such restore first
 */
public record ParallelRestore(List<Hazard> hazards) {

    private static final int NAMED = 3;

    public ParallelRestore {
        hazards = List.copyOf(hazards);
    }

    /**
     * A reason for one job.
     *
     * @param object what it is about, for example {@code trigger stamp of the partitioned table public.orders}
     * @param certain whether it does harm by what the catalogs say; otherwise it may, by what a function does
     */
    public record Hazard(String object, boolean certain) {}

    /** Asks the source's catalogs, by one statement whatever the number of objects. */
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

    /** Whether several jobs restore the same as one. */
    public boolean isSound() {
        return hazards.isEmpty();
    }

    /** The hazards for a line of the log. */
    public String why() {
        return text(hazards);
    }

    /** What somebody who restores this backup has to know; empty where several jobs do no certain harm. */
    public Optional<String> warning() {
        List<Hazard> certain = hazards.stream().filter(Hazard::certain).toList();
        return certain.isEmpty()
                ? Optional.empty()
                : Optional.of("pg_restore with several jobs changes or loses data of this database because of "
                        + text(certain) + "; restore with one job (--jobs=1) on the worst day.");
    }

    private static String text(List<Hazard> hazards) {
        String named = String.join(
                ", ", hazards.stream().limit(NAMED).map(Hazard::object).toList());
        int more = hazards.size() - NAMED;
        return more > 0 ? named + " and " + more + " more" : named;
    }
}
