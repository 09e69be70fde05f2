package io.github.pgbackup.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PostgresVersionTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "pg_dump (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1) | 150018",
                "postgres (PostgreSQL) 16.15                         | 160015",
                "pg_dump (PostgreSQL) 18beta1                        | 180000",
                "18rc1 (Debian 18~rc1-1.pgdg12+1)                    | 180000",
                "19devel                                             | 190000",
                "13.23                                               | 130023",
                "9.6.24                                              | 90624",
            })
    void a_version_is_read_as_programs_and_servers_print_it(String printed, int number) {
        assertThat(PostgresVersion.parse(printed)).isEqualTo(PostgresVersion.ofNumber(number));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "PostgreSQL", "pg_dump: command not found", "15.18.beta", "1234567"})
    void a_text_that_is_not_a_version_is_rejected(String printed) {
        assertThatThrownBy(() -> PostgresVersion.parse(printed))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Not a version of PostgreSQL: \"" + printed + "\".");
    }

    @Test
    void the_major_version_is_the_first_part() {
        assertThat(PostgresVersion.ofNumber(150018).major()).isEqualTo(15);
        assertThat(PostgresVersion.ofNumber(90624).major()).isEqualTo(9);
    }

    @Test
    void a_version_prints_as_PostgreSQL_writes_it() {
        assertThat(PostgresVersion.ofNumber(150018)).hasToString("15.18");
        assertThat(PostgresVersion.ofNumber(180000)).hasToString("18.0");
        assertThat(PostgresVersion.ofNumber(90624)).hasToString("9.6.24");
    }

    @Test
    void versions_are_ordered_by_number_and_not_by_text() {
        assertThat(PostgresVersion.parse("9.6.24")).isLessThan(PostgresVersion.parse("13.3"));
        assertThat(PostgresVersion.parse("15.2")).isLessThan(PostgresVersion.parse("15.18"));
    }
}
