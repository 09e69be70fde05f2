package io.github.pgbackup.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class NamePatternTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "public.*            | public    | orders      | true",
                "PUBLIC.Order*       | public    | orders      | true",
                "public.order        | public    | orders      | false",
                "*.*                 | a.b       | 'c d'       | true",
                "\"Odd Schema\".*    | Odd Schema| x           | true",
                "\"Odd\"*.*          | Odd Schema| x           | true",
                "odd*.*              | Odd Schema| x           | false",
                "\"a*\".*            | abc       | x           | false",
                "\"a*\".*            | a*        | x           | true",
                "\"a\"\"b.c,d\".x    | a\"b.c,d  | x           | true",
                "a.b, c.d            | c         | d           | true",
            })
    void a_star_outside_of_quotes_stands_for_any_text(String patterns, String schema, String table, boolean matches) {
        List<NamePattern> parsed = NamePattern.parse(patterns);

        assertThat(parsed.stream().anyMatch(pattern -> pattern.matches(schema, table)))
                .isEqualTo(matches);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "public", "a.b.c", "a.b,", ",a.b", "a b.c", "\"a.b", "a.", "a.(.)+"})
    void an_invalid_pattern_is_rejected_with_what_is_expected(String patterns) {
        assertThatThrownBy(() -> NamePattern.parse(patterns))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("expected patterns of the form schema.table, separated by commas, such as"
                        + " public.*,app.order_*,\"Odd Schema\".*");
    }
}
