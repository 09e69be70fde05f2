package io.github.pgbackup.check;

import io.github.pgbackup.Setting;
import io.github.pgbackup.evidence.Check;
import io.github.pgbackup.evidence.VerificationReport.Compared;
import io.github.pgbackup.evidence.VerificationReport.Restore;
import io.github.pgbackup.evidence.VerificationReport.SeveralJobs;
import io.github.pgbackup.plan.Comparison;
import io.github.pgbackup.plan.VerificationPlan;
import io.github.pgbackup.restore.RestoreError;
import io.github.pgbackup.restore.RestoreResult;
import io.github.pgbackup.text.Counted;
import io.github.pgbackup.text.ExactDuration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The conclusions from the restore that decides.
 *
 * @param lost objects that the source has and the backup lacks because of PostgreSQL's own rules
 * @param warnings one sentence each
 */
public record Judgement(
        Restore restore, Compared comparison, List<Check> checks, List<String> lost, List<String> warnings) {

    /** Maximum number of objects named in a sentence. */
    private static final int NAMED = 5;

    public Judgement {
        checks = List.copyOf(checks);
        lost = List.copyOf(lost);
        warnings = List.copyOf(warnings);
    }

    /**
     * Judges.
     *
     * @param judged the findings that decide
     * @param severalJobs the findings of an earlier restore with several jobs; empty when there was none
     */
    public static Judgement of(VerificationPlan plan, Findings judged, Optional<Findings> severalJobs) {
        RestoreResult result = judged.restored();
        List<Check> checks = new ArrayList<>();
        List<String> warnings = new ArrayList<>();
        Restore restore = new Restore(
                result.duration(),
                Optional.ofNullable(plan.restore().maximumDuration()),
                plan.restore().roles().toString(),
                result.jobs(),
                severalJobs.map(first -> severalJobs(first, judged, warnings)),
                result.exitStatus(),
                judged.comparison().grade(result.errors()));
        if (plan.archive() != null) {
            // For an archive that this run took, its hash proves that it is complete.
            checks.add(Check.of(
                    "restore",
                    "pg_restore read the archive to its end",
                    "yes",
                    result.reachedTheEnd() ? "yes" : "no: " + lastError(result),
                    result.reachedTheEnd()));
        }
        restore.budget()
                .ifPresent(budget -> checks.add(Check.of(
                        "restore",
                        "recovery time",
                        "at most " + ExactDuration.of(budget),
                        ExactDuration.of(result.duration()),
                        result.duration().compareTo(budget) <= 0)));
        checks.addAll(judged.expectations());
        checks.addAll(judged.comparison().checks());
        if (plan.comparison().includes(Comparison.ROWS)) {
            restore.errors().stream()
                    .filter(error -> !error.harmless() && error.entry().isEmpty())
                    .forEach(error -> checks.add(Check.of(
                            "restore",
                            "errors of pg_restore that name no entry",
                            "none",
                            error.message() + " (" + error.reason() + ")",
                            false)));
        }
        result.miscount().ifPresent(warnings::add);
        Compared comparison = judged.comparison().facts();
        if (comparison.tables() > 0
                && comparison.rows() == 0
                && plan.expectations().isEmpty()) {
            warnings.add((plan.archive() == null ? "The source has " : "The archive has ")
                    + Counted.of(comparison.tables(), "table") + " but no rows, and there are no"
                    + " " + Setting.EXPECTATIONS + ": nothing proves that this is the intended database.");
        }
        return new Judgement(restore, comparison, checks, judged.comparison().lost(), warnings);
    }

    private static String lastError(RestoreResult result) {
        List<RestoreError> errors = result.errors();
        return errors.isEmpty()
                ? "it exited with " + result.exitStatus()
                : errors.get(errors.size() - 1).message();
    }

    private static SeveralJobs severalJobs(Findings first, Findings judged, List<String> warnings) {
        int jobs = first.restored().jobs();
        List<String> lost = first.lostUnlike(judged);
        if (!lost.isEmpty()) {
            warnings.add("pg_restore with " + Counted.of(jobs, "job") + " changes or loses "
                    + String.join(", ", lost.stream().limit(NAMED).toList())
                    + (lost.size() > NAMED ? " and " + (lost.size() - NAMED) + " more" : "")
                    + "; in an emergency, restore with one job (--jobs=1).");
        }
        return new SeveralJobs(jobs, first.restored().duration(), lost);
    }
}
