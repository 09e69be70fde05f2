package io.github.pgbackup.verification;

import io.github.pgbackup.restore.RestoreResult;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * A restore, and what the restored database was found to be.
 *
 * @param restored how the restore went
 * @param expectations their checks
 * @param comparison the comparison
 * @param byRestore what is not as the backup and the source have it, and may be so because of the way it was restored: objects,
 *     expectations and errors of pg_restore
 */
record Findings(
        RestoreResult restored, List<Check> expectations, DatabaseComparison comparison, Set<String> byRestore) {

    Findings {
        expectations = List.copyOf(expectations);
        byRestore = new TreeSet<>(byRestore);
    }

    /** Whether a restore with one job may do what this one did not. */
    boolean callForOneJob() {
        return restored.jobs() > 1 && !byRestore.isEmpty();
    }

    String whyOneJob() {
        return Counted.of(byRestore.size(), "difference") + " after a restore with "
                + Counted.of(restored.jobs(), "job") + "; restoring once more with one job, which decides";
    }

    /** What this restore changed or lost, and the other did not. */
    List<String> lostUnlike(Findings other) {
        Set<String> lost = new TreeSet<>(byRestore);
        lost.removeAll(other.byRestore);
        return List.copyOf(lost);
    }
}
