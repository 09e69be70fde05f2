package io.github.pgbackup.fault;

import io.github.pgbackup.fault.TestedFault.Outcome;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * How the expectations did when faults were made in the restored database.
 *
 * @param seed by which the faults were chosen
 * @param budget how long it was allowed to take
 * @param duration how long it took
 * @param baseline what the run itself had to compare with
 * @param comparison how much the run compared
 * @param minimumCaught the share of the viable faults that the expectations have to catch, in percent; null: none
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

    /** How many came out like that by the expectations. */
    public long count(Outcome outcome) {
        return faults.stream().filter(fault -> fault.outcome() == outcome).count();
    }

    public long viable() {
        return faults.stream().filter(TestedFault::isViable).count();
    }

    /** How many of the viable faults a comparison caught. */
    public long caughtBy(Function<TestedFault, TestedFault.@Nullable Answer> comparison) {
        return faults.stream()
                .filter(TestedFault::isViable)
                .map(comparison)
                .filter(answer -> answer != null && answer.caught())
                .count();
    }

    /** The share of the viable faults that the expectations caught, in percent, rounded down; 0 when there is none. */
    public int percentCaught() {
        return viable() == 0 ? 0 : (int) (100 * count(Outcome.CAUGHT) / viable());
    }

    /** Those that no expectation noticed. */
    public List<TestedFault> missed() {
        return faults.stream()
                .filter(fault -> fault.outcome() == Outcome.MISSED)
                .toList();
    }
}
