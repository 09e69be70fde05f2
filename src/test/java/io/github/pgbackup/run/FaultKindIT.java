package io.github.pgbackup.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgbackup.evidence.Check;
import io.github.pgbackup.evidence.VerificationReport;
import io.github.pgbackup.fault.ExpectationTest;
import io.github.pgbackup.fault.FaultKind;
import io.github.pgbackup.fault.TestedFault;
import io.github.pgbackup.fault.TestedFault.Outcome;
import io.github.pgbackup.plan.ExpectationsSchemaTest;
import io.github.pgbackup.plan.Tag;
import io.github.pgbackup.plan.Xml;
import io.github.pgbackup.report.Evidence;
import io.github.pgbackup.test.ProductionServer;
import io.github.pgbackup.test.Programs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xml.sax.SAXException;

/** Every kind of fault: unrelated expectations miss it, and the expectation that the report suggests catches it. */
final class FaultKindIT {

    @AutoClose
    static final ProductionServer PRODUCTION =
            ProductionServer.start(Programs.newest().bin());

    @TempDir
    static Path directory;

    private static ExpectationTest withoutExpectations;
    private static ExpectationTest asSuggested;

    @BeforeAll
    static void run_both_verifications() throws IOException, SAXException {
        FaultyDatabase.create(PRODUCTION, "faulty");
        withoutExpectations = tested(PRODUCTION, "missed", QueryTag.of("nothing", "select 1", "1"));
        asSuggested = tested(PRODUCTION, "caught", pasted("missed"));
    }

    @Test
    void each_kind_is_missed_by_unrelated_expectations() {
        requireEach(tags(), withoutExpectations, Outcome.MISSED);
    }

    @Test
    void each_kind_is_caught_by_the_expectation_that_the_report_suggests() {
        requireEach(tags(), asSuggested, Outcome.CAUGHT);
        assertThat(objects(asSuggested, fault -> fault.outcome() == Outcome.CAUGHT))
                .containsAll(objects(withoutExpectations, fault -> fault.outcome() == Outcome.MISSED));
    }

    @Test
    void a_kind_without_such_a_pair_fails() {
        Set<String> more = new TreeSet<>(tags());
        more.add("made-up");

        assertThatThrownBy(() -> requireEach(more, withoutExpectations, Outcome.MISSED))
                .isInstanceOf(AssertionError.class);
        assertThatThrownBy(() -> requireEach(more, asSuggested, Outcome.CAUGHT)).isInstanceOf(AssertionError.class);
    }

    /** Before version 15, the server does not report which tables a fault has written. */
    @Test
    void each_kind_can_be_made_in_the_oldest_major_too() throws IOException {
        Programs oldest =
                Programs.majors().min(Comparator.comparingInt(Programs::major)).orElseThrow();
        try (ProductionServer production = ProductionServer.start(oldest.bin())) {
            FaultyDatabase.create(production, "faulty");
            requireEach(tags(), tested(production, "oldest", QueryTag.of("nothing", "select 1", "1")), Outcome.MISSED);
        }
    }

    private static Set<String> tags() {
        return Stream.of(FaultKind.values()).map(FaultKind::tag).collect(Collectors.toCollection(TreeSet::new));
    }

    private static void requireEach(Set<String> kinds, ExpectationTest test, Outcome outcome) {
        assertThat(test.faults().stream()
                        .filter(fault -> fault.outcome() == outcome)
                        .map(TestedFault::kind)
                        .collect(Collectors.toSet()))
                .containsAll(kinds);
    }

    private static Set<String> objects(ExpectationTest test, Predicate<TestedFault> which) {
        return test.faults().stream()
                .filter(which)
                .map(fault -> fault.kind() + " " + fault.object())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static ExpectationTest tested(ProductionServer production, String folder, Tag expectations)
            throws IOException {
        VerificationReport report = VerificationRun.of(production, "faulty", directory.resolve(folder))
                .with("backup.format", "directory")
                .with("budget", "PT5M")
                .expect(expectations)
                .tested()
                .run();
        assertThat(report.problemText()).isEmpty();
        assertThat(report.failedChecks().stream().map(Check::sentence)).isEmpty();
        Evidence.write(report, directory.resolve(folder).resolve("verify-backup"));
        return report.used().expectationTest().orElseThrow();
    }

    /** The suggestions in the evidence of that run. */
    private static Tag pasted(String folder) throws IOException, SAXException {
        String file = Files.readString(
                directory.resolve(folder).resolve("verify-backup").resolve("missing-expectations.xml"));
        ExpectationsSchemaTest.validate(file);
        return Xml.tag(file);
    }
}
