package io.github.pgbackup.report;

import io.github.pgbackup.fault.ExpectationTest;
import io.github.pgbackup.fault.FaultKind;
import io.github.pgbackup.fault.Suggestion;
import io.github.pgbackup.fault.TestedFault;
import io.github.pgbackup.fault.TestedFault.Answer;
import io.github.pgbackup.fault.TestedFault.Outcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Made-up outcomes of faults. */
final class ExpectationTests {

    private ExpectationTests() {}

    /** One fault of each kind and outcome, for an object with this name. */
    static ExpectationTest of(String object) {
        List<TestedFault> faults = new ArrayList<>();
        for (FaultKind kind : FaultKind.values()) {
            faults.add(fault(kind, object, Outcome.CAUGHT));
            faults.add(fault(kind, object, Outcome.MISSED));
            faults.add(fault(kind, object, Outcome.UNVIABLE));
            faults.add(fault(kind, object, Outcome.NOT_TRIED));
        }
        return new ExpectationTest(7, Duration.ofMinutes(1), Duration.ofSeconds(12), "snapshot", "rows", 80, faults);
    }

    static TestedFault missed(Answer source, Answer archiveAlone, boolean inContentAlone) {
        return new TestedFault(
                FaultKind.TABLE_EMPTIED.tag(),
                "public.a",
                "all rows of public.a are gone",
                Outcome.MISSED,
                null,
                List.of(),
                source,
                archiveAlone,
                inContentAlone,
                null);
    }

    private static TestedFault fault(FaultKind kind, String object, Outcome outcome) {
        boolean viable = outcome == Outcome.CAUGHT || outcome == Outcome.MISSED;
        return new TestedFault(
                kind.tag(),
                object,
                "all rows of " + object + " are gone",
                outcome,
                viable ? null : "the table holds no rows",
                outcome == Outcome.CAUGHT ? List.of("table " + object) : List.of(),
                viable ? Answer.of("TABLE " + object) : null,
                viable ? Answer.of(null) : null,
                false,
                outcome == Outcome.MISSED
                        ? new Suggestion("table", new TreeMap<>(Map.of("name", object, "rows", "[1,)")))
                        : null);
    }
}
