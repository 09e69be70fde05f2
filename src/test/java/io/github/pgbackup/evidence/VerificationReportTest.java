package io.github.pgbackup.evidence;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgbackup.fault.ExpectationTest;
import io.github.pgbackup.provenance.RunBy;
import io.github.pgbackup.rehearsal.RehearsalReport;
import java.lang.reflect.AnnotatedParameterizedType;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class VerificationReportTest {

    private static final VerificationReport BEGUN = VerificationReport.begun("1.0.0", Instant.EPOCH);
    private static final Check PASSED = Check.of("identity", "database", "shop", "shop", true);
    private static final Check FAILED = Check.of("identity", "database", "shop", "app", false);

    @Test
    void the_verdict_follows_from_the_problem_and_the_checks() {
        assertThat(BEGUN.with(PASSED).verdict()).isEqualTo(Verdict.PASS);
        assertThat(BEGUN.with(PASSED, FAILED).verdict()).isEqualTo(Verdict.FAIL);
        assertThat(BEGUN.with(FAILED, new VerificationReport.Problem("It broke.", "Mend it."))
                        .verdict())
                .isEqualTo(Verdict.NOT_VERIFIED);
    }

    @Test
    void checks_and_sentences_add_up_and_a_part_replaces_an_earlier_one() {
        VerificationReport report = BEGUN.with(
                        PASSED, new Fact.Warning("a"), new Fact.NotContained(List.of("x")), snapshot("1"))
                .with(FAILED, new Fact.Warning("b"), new Fact.NotContained(List.of("y")), snapshot("2"));

        assertThat(report.checks()).containsExactly(PASSED, FAILED);
        assertThat(report.outcome().warnings()).containsExactly("a", "b");
        assertThat(report.acquired().doesNotContain()).containsExactly("x", "y");
        assertThat(report.acquired().snapshot()).contains(snapshot("2"));
    }

    private static VerificationReport.Snapshot snapshot(String id) {
        return new VerificationReport.Snapshot(id, Instant.EPOCH, Duration.ZERO, Duration.ZERO);
    }

    @Test
    void nothing_in_a_report_is_nullable() {
        Set<Class<?>> records = new LinkedHashSet<>();
        collect(VerificationReport.class, records);

        assertThat(records)
                .contains(VerificationReport.GivenFile.class, Check.Observations.class, RunBy.class)
                .flatExtracting(VerificationReportTest::nullable)
                .isEmpty();
    }

    @Test
    void a_nullable_component_is_seen_at_any_depth() {
        record Nullables(@Nullable String one, Optional<List<@Nullable String>> two, List<String> none) {}

        assertThat(nullable(Nullables.class)).containsExactly("Nullables.one", "Nullables.two");
    }

    /** All records of a report, except what belongs to the test of the expectations or to the rehearsal. */
    private static void collect(Type type, Set<Class<?>> records) {
        if (type instanceof ParameterizedType parameterized) {
            Stream.of(parameterized.getActualTypeArguments()).forEach(argument -> collect(argument, records));
        } else if (type instanceof Class<?> record
                && record.isRecord()
                && record != ExpectationTest.class
                && record != RehearsalReport.class
                && records.add(record)) {
            Stream.of(record.getRecordComponents()).forEach(component -> collect(component.getGenericType(), records));
        }
    }

    private static List<String> nullable(Class<?> record) {
        return Stream.of(record.getRecordComponents())
                .filter(component -> isNullable(component.getAnnotatedType()))
                .map(component -> record.getSimpleName() + "." + component.getName())
                .toList();
    }

    private static boolean isNullable(AnnotatedType type) {
        return type.isAnnotationPresent(Nullable.class)
                || type instanceof AnnotatedParameterizedType parameterized
                        && Stream.of(parameterized.getAnnotatedActualTypeArguments())
                                .anyMatch(VerificationReportTest::isNullable);
    }
}
