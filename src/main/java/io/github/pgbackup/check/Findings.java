package io.github.pgbackup.check;

import io.github.pgbackup.baseline.DatabaseComparison;
import io.github.pgbackup.evidence.Check;
import io.github.pgbackup.restore.RestoreResult;
import io.github.pgbackup.text.Counted;
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
public record Findings(
        RestoreResult restored, List<Check> expectations, DatabaseComparison comparison, Set<String> byRestore) {

    public Findings {
        expectations = List.copyOf(expectations);
        byRestore = new TreeSet<>(byRestore);
    }

    /** Whether a restore with one job may do what this one did not. */
    public boolean callForOneJob() {
        return restored.jobs() > 1 && !byRestore.isEmpty();
    }

    public String whyOneJob() {
        return Counted.of(byRestore.size(), "difference") + " after a restore with "
                + Counted.of(restored.jobs(), "job") + "; restoring once more with one job, which decides";
    }

    /** What this restore changed or lost, and the other did not. */
    public List<String> lostUnlike(Findings other) {
        Set<String> lost = new TreeSet<>(byRestore);
        lost.removeAll(other.byRestore);
        return List.copyOf(lost);
    }
}
