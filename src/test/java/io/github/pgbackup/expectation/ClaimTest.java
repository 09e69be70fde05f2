package io.github.pgbackup.expectation;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ClaimTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "varchar(20) | character varying(20) | true",
                "varchar | character varying(20) | false",
                "timestamptz(3) | timestamp(3) with time zone | true",
                "int[] | integer[] | true",
                "bpchar | character(1) | false",
                "bpchar(3) | character(3) | true",
                "char | character(1) | true",
                "mood | public.mood | true",
                "app.mood | public.mood | false",
                "decimal(10, 2) | numeric(10,2) | true",
                "\"char\" | character(1) | false"
            })
    void a_type_has_several_spellings(String expected, String actual, boolean same) {
        assertThat(Claim.type(expected).test().test(actual)).isEqualTo(same);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "check ( a > 0 ); | CHECK (a > 0) | true",
                "'Draft'::text | 'draft'::text | false",
                "'a  b' | 'a b' | false",
                "\"A\" | \"a\" | false",
                "f(x) | public.f(x) | true",
                "nextval('s'::regclass) | nextval('public.s'::regclass) | true",
                "other.f(x) | f(x) | false"
            })
    void a_definition_differs_in_more_than_its_layout(String expected, String actual, boolean same) {
        assertThat(Claim.definition("definition", expected).test().test(actual)).isEqualTo(same);
    }

    @ParameterizedTest
    @CsvSource({
        "true, boolean, t",
        "F, boolean, f",
        "tomato, boolean, tomato",
        "ab, character(4), 'ab  '",
        "ab, text, ab"
    })
    void a_value_is_compared_as_its_type_writes_it(String value, String type, String text) {
        assertThat(ColumnText.of(value, type)).isEqualTo(text);
    }
}
