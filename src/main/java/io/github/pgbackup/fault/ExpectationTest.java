package io.github.pgbackup.fault;

import io.github.pgbackup.fault.TestedFault.Outcome;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The result of testing expectations with faults in the restored database.
 *
 * @param seed that determined the choice of faults
 * @param budget the time limit
 * @param duration the actual time
 * @param baseline what the run itself compared with
 * @param comparison how much the run compared
 * @param minimumCaught the percentage of viable faults that the expectations must catch; null for none
 * @param faults in the order in which they were tried
 */
public record ExpectationTest(
        long seed,
        Duration budget,
        Duration duration,
        String baseline,
        String comparison,
        @Nullable Integer minimumCaught,
        List<TestedFault> faults) {

    public ExpectationTest {
        faults = List.copyOf(faults);
    }

    /** Number of faults for which the expectations had this outcome. */
    public long count(Outcome outcome) {
        return faults.stream().filter(fault -> fault.outcome() == outcome).count();
    }

    public long viable() {
        return faults.stream().filter(TestedFault::isViable).count();
    }

    /** Number of viable faults that a comparison caught. */
    public long caughtBy(Function<TestedFault, TestedFault.@Nullable Answer> comparison) {
        return faults.stream()
                .filter(TestedFault::isViable)
                .map(comparison)
                .filter(answer -> answer != null && answer.caught())
                .count();
    }

    /** The percentage of viable faults that the expectations caught, rounded down; 0 when there are none. */
    public int percentCaught() {
        return viable() == 0 ? 0 : (int) (100 * count(Outcome.CAUGHT) / viable());
    }

    /** The faults that no expectation noticed. */
    public List<TestedFault> missed() {
        return faults.stream()
                .filter(fault -> fault.outcome() == Outcome.MISSED)
                .toList();
    }
}
