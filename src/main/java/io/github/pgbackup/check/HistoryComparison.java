package io.github.pgbackup.check;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.Remedy;
import io.github.pgbackup.Setting;
import io.github.pgbackup.evidence.Check;
import io.github.pgbackup.evidence.VerificationReport;
import io.github.pgbackup.history.History;
import io.github.pgbackup.history.PastRun;
import io.github.pgbackup.plan.AllowedLoss;
import io.github.pgbackup.plan.HistoryPlan;
import io.github.pgbackup.text.Counted;
import io.github.pgbackup.text.ExactDuration;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Compares a run with the last one that found the backup good. That is the last PASS, or the last run in which only the
 * time since the last PASS was too long: otherwise one long gap would fail every later run.
 */
public final class HistoryComparison {

    private static final BigDecimal HUNDRED = BigDecimal.valueOf(100);

    private final HistoryPlan plan;
    private final History history;

    private @Nullable PastRun last;
    private long sameArchive;
    private @Nullable Instant sameSince;

    private HistoryComparison(HistoryPlan plan) {
        this.plan = plan;
        this.history = new History(plan.file());
    }

    /**
     * The result.
     *
     * @param warnings one sentence each
     */
    public record Result(List<Check> checks, List<String> warnings) {}

    /**
     * Prepares the history, before the run queries production.
     *
     * @throws CannotVerifyException when the history cannot be appended to
     */
    public static HistoryComparison prepare(HistoryPlan plan) {
        HistoryComparison comparison = new HistoryComparison(plan);
        try {
            comparison.history.prepare();
            return comparison;
        } catch (IOException e) {
            throw new CannotVerifyException(
                    "The history " + plan.file() + " cannot be written: " + CannotVerifyException.reason(e) + ".",
                    Remedy.NAME_ANOTHER_HISTORY,
                    e);
        }
    }

    /**
     * Compares.
     *
     * @param database the database whose history counts
     * @param server the server of that database; empty for an archive of an unknown server
     * @param sha256 the hash of the archive
     * @param tables the tables with their rows in the restored database
     */
    public Result compare(
            String database, String server, Instant startedAt, String sha256, List<VerificationReport.TableRows> tables)
            throws IOException {
        List<String> warnings = new ArrayList<>();
        History.Damage damage = history.forEach(run -> see(run, database, server, sha256));
        if (damage.count() > 0) {
            warnings.add("The history " + plan.file() + " is damaged. " + damage.describe() + ".");
        }
        if (sameSince != null) {
            warnings.add(
                    "This archive was verified before: " + Counted.of(sameArchive, "run") + " since " + sameSince
                            + " verified an archive with the same SHA-256. If you expected a new archive, check the job that takes it.");
        }
        List<Check> checks = new ArrayList<>();
        PastRun before = last;
        if (before == null) {
            if (plan.maximumGap() != null || plan.loss().isLimited()) {
                warnings.add("The history " + plan.file() + " has no PASS of the database " + database
                        + (server.isEmpty() ? "" : " on " + server) + " yet: there is nothing to compare with.");
            }
            return new Result(checks, warnings);
        }
        gap(before, startedAt, checks);
        if (plan.loss().isLimited()) {
            loss(before, tables, checks, warnings);
        }
        return new Result(checks, warnings);
    }

    private void see(PastRun run, String database, String server, String sha256) {
        if (!run.isOf(database, server)) {
            return;
        }
        if (run.vouches()) {
            last = run;
        }
        if (sha256.equals(run.sha256())) {
            sameArchive++;
            sameSince = sameSince == null ? run.startedAt() : sameSince;
        }
    }

    private void gap(PastRun before, Instant startedAt, List<Check> checks) {
        Duration maximum = plan.maximumGap();
        if (maximum != null) {
            Duration gap = Duration.between(before.startedAt(), startedAt);
            checks.add(Check.of(
                    Check.HISTORY,
                    Check.GAP,
                    "at most " + ExactDuration.of(maximum),
                    ExactDuration.of(gap) + " (that run began at " + before.startedAt() + ")",
                    gap.compareTo(maximum) <= 0));
        }
    }

    private void loss(
            PastRun before, List<VerificationReport.TableRows> tables, List<Check> checks, List<String> warnings) {
        Map<String, Long> now = new TreeMap<>();
        tables.forEach(table -> table.restored().ifPresent(rows -> now.put(table.table(), rows)));
        plan.loss().tables().keySet().stream()
                .filter(name -> !now.containsKey(name) && !before.rows().containsKey(name))
                .sorted()
                .forEach(name -> warnings.add(Setting.HISTORY_TABLES + " names " + name
                        + ", but neither this run nor the last PASS has such a table."));
        int found = checks.size();
        before.rows().forEach((name, rows) -> {
            BigDecimal allowed = plan.loss().of(name);
            Long left = now.get(name);
            if (allowed != null && isLoss(rows, left, allowed)) {
                checks.add(Check.of(
                        Check.HISTORY,
                        "rows of " + name + " since the last PASS",
                        "at least " + AllowedLoss.least(rows, allowed) + " (" + allowed.toPlainString()
                                + "% fewer than the " + rows + " of " + before.startedAt() + ")",
                        left == null ? "no table" : String.valueOf(left),
                        false));
            }
        });
        if (checks.size() == found) {
            checks.add(Check.of(
                    Check.HISTORY,
                    "tables that lost more rows since the last PASS than allowed",
                    "none",
                    "none of " + before.rows().size() + " (since " + before.startedAt() + ")",
                    true));
        }
    }

    /** A missing table counts as a loss even if it had no rows. */
    private static boolean isLoss(long before, @Nullable Long now, BigDecimal allowed) {
        return now == null ? allowed.compareTo(HUNDRED) < 0 : now < AllowedLoss.least(before, allowed);
    }
}
