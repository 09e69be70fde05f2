package io.github.pgbackup.check;

import io.github.pgbackup.baseline.DatabaseComparison;
import io.github.pgbackup.evidence.Check;
import io.github.pgbackup.restore.RestoreResult;
import io.github.pgbackup.text.Counted;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * A restore, and the differences that were found in the restored database.
 *
 * @param restored how the restore went
 * @param expectations the checks of the expectations
 * @param comparison the comparison
 * @param byRestore differences from the backup and the source that the way of restoring may have caused: objects,
 *     expectations and errors of pg_restore
 */
public record Findings(
        RestoreResult restored, List<Check> expectations, DatabaseComparison comparison, Set<String> byRestore) {

    public Findings {
        expectations = List.copyOf(expectations);
        byRestore = new TreeSet<>(byRestore);
    }

    /** Whether a restore with one job may avoid these differences. */
    public boolean callForOneJob() {
        return restored.jobs() > 1 && !byRestore.isEmpty();
    }

    public String whyOneJob() {
        return Counted.of(byRestore.size(), "difference") + " after a restore with "
                + Counted.of(restored.jobs(), "job") + "; restoring again with one job to decide";
    }

    /** Differences that this restore has and the other does not. */
    public List<String> lostUnlike(Findings other) {
        Set<String> lost = new TreeSet<>(byRestore);
        lost.removeAll(other.byRestore);
        return List.copyOf(lost);
    }
}
