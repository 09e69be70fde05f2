package io.github.pgbackup.evidence;

import io.github.pgbackup.Setting;
import io.github.pgbackup.plan.Comparison;
import io.github.pgbackup.plan.VerificationPlan;
import io.github.pgbackup.provenance.RunBy;
import io.github.pgbackup.text.Counted;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Further information for an auditor.
 *
 * @param runBy who ran the verification
 * @param backupAge how old the state in the backup was when its restore began; empty when it was not restored
 * @param notTested what the verdict of this run does not cover, one sentence each, in fixed words
 */
public record Audit(RunBy runBy, Optional<Duration> backupAge, List<String> notTested) {

    public Audit {
        notTested = List.copyOf(notTested);
    }

    /** Lists what was not tested, by the configuration and the coverage of the expectations. */
    public static List<String> notTested(VerificationPlan plan, Optional<VerificationReport.Coverage> coverage) {
        List<String> not = new ArrayList<>();
        if (!plan.comparison().includes(Comparison.SCHEMA)) {
            not.add("Definitions of objects: they were not compared (" + Setting.COMPARISON.is("none") + ").");
        }
        if (!plan.comparison().includes(Comparison.ROWS)) {
            not.add("Rows: they were not counted ("
                    + Setting.COMPARISON.is(plan.comparison().toString()) + ").");
        } else if (!plan.comparison().includes(Comparison.CONTENT)) {
            not.add("Values in rows: rows were counted and their values were not compared ("
                    + Setting.COMPARISON.is(plan.comparison().toString()) + ").");
        }
        if (!plan.restore().withRoles()) {
            not.add("Owners and privileges: roles were not restored ("
                    + Setting.RESTORE_ROLES.is(plan.restore().roles().toString()) + ").");
        }
        if (plan.expectations().isEmpty()) {
            not.add("Requirements on the data: none were declared (" + Setting.EXPECTATIONS + ").");
        } else {
            coverage.filter(reached -> reached.touched() < reached.tables())
                    .ifPresent(reached -> not.add("Requirements on the data in "
                            + (reached.tables() - reached.touched()) + " of "
                            + Counted.of(reached.tables(), "table") + ": no expectation names these tables."));
        }
        not.add("Recovery to a point in time other than that of the snapshot.");
        not.add("Recovery on other hardware: the duration of the restore was measured on the machine that ran this.");
        not.add("Applications: none was run against the restored database.");
        not.add("Whether other copies of the archive can still be read.");
        return not;
    }
}
