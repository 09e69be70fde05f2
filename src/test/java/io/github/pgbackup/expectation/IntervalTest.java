package io.github.pgbackup.expectation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgbackup.postgres.PostgresVersion;
import java.math.BigDecimal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class IntervalTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "86 | 86 | true", "86 | 86.0 | true", "86 | 87 | false", "[86] | 86 | true",
                "[1,) | 1 | true", "(1,) | 1 | false", "[1,100] | 100 | true", "[1,100) | 100 | false",
                "(,0] | -5 | true", "(,0) | 0 | false", "' [ 1 , 2 ] ' | 1.5 | true", "[-1.5,1e3] | 1000 | true"
            })
    void a_number_lies_in_a_range_or_not(String range, BigDecimal number, boolean contained) {
        assertThat(Interval.ofNumbers(range).contains(number)).isEqualTo(contained);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "abc", "[1", "1)", "[", "1,5", "(,)", "[1,2,3]", "[[1,2]", "[a,2]", "[]", "[1,2],[3,4]"})
    void an_invalid_range_of_numbers_is_rejected_with_what_is_expected(String range) {
        assertThatThrownBy(() -> Interval.ofNumbers(range))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("expected a number or a range of numbers: 86 (exactly), [1,), [1,100], (,0]");
    }

    @ParameterizedTest
    @ValueSource(strings = {"[2,1]", "(1,1)", "[1,1)", "(1,1]"})
    void an_empty_range_is_rejected(String range) {
        assertThatThrownBy(() -> Interval.ofNumbers(range))
                .hasMessage("the range is empty: its lower end is not below its upper end");
    }

    @ParameterizedTest
    @ValueSource(strings = {"[,1]", "[1,]"})
    void an_open_end_takes_a_round_bracket(String range) {
        assertThatThrownBy(() -> Interval.ofNumbers(range))
                .hasMessage("an open end needs a round bracket: [1,) or (,0]");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "16 | true",
                "16.4 | true",
                "16.5 | false",
                "[16,17) | true",
                "(16,) | false",
                "[13,16] | true",
                "[16.4,16] | true",
                "[16,16.4) | false",
                "(16.4,17) | false",
                "(,16] | true",
                "(,16) | false"
            })
    void a_bound_is_as_precise_as_it_is_written(String range, boolean contained) {
        assertThat(Interval.ofVersions(range).contains(PostgresVersion.ofNumber(160004)))
                .isEqualTo(contained);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "16.4.1", "sixteen", "16,17", "-16"})
    void an_invalid_range_of_versions_is_rejected_with_what_is_expected(String range) {
        assertThatThrownBy(() -> Interval.ofVersions(range))
                .hasMessage("expected a version or a range of versions: 16 (any 16.x), 16.4, [16,17), [13,)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "86", "[1,)", "(,0]", "[0,100)", "1E3", "5.0"})
    void a_number_of_rows(String text) {
        assertThat(Interval.ofCounts(text)).hasToString(text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"-5", "1.5", "[-1,3]", "[1,2.5]", "(,-1]"})
    void a_number_of_rows_is_neither_negative_nor_fractional(String text) {
        assertThatThrownBy(() -> Interval.ofCounts(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a number of rows must be a whole number that is not negative");
    }

    @ParameterizedTest
    @ValueSource(strings = {"(3,4)", "(,0)", "[0,0.0)"})
    void a_range_without_a_number_of_rows(String text) {
        assertThatThrownBy(() -> Interval.ofCounts(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void a_value_of_a_sequence_can_be_negative_but_not_fractional() {
        assertThat(Interval.ofWholeNumbers("[-5,)").contains(new BigDecimal(-5)))
                .isTrue();
        assertThatThrownBy(() -> Interval.ofWholeNumbers("1.5"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the value of a sequence must be a whole number");
    }
}
