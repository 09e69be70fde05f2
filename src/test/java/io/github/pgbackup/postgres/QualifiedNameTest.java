package io.github.pgbackup.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class QualifiedNameTest {

    @Test
    void unquoted_parts_are_folded_to_lower_case() {
        assertThat(QualifiedName.parse("Public.Orders.ID").parts()).containsExactly("public", "orders", "id");
    }

    @Test
    void only_ascii_is_folded() {
        assertThat(QualifiedName.parse("ÄB.ŞİX").parts()).containsExactly("Äb", "Şİx");
    }

    @Test
    void quoted_parts_are_taken_as_they_are() {
        assertThat(QualifiedName.parse("public.\"Order Items\".\"Unit Price\"").parts())
                .containsExactly("public", "Order Items", "Unit Price");
    }

    @Test
    void a_quoted_part_may_hold_quotes_dots_line_feeds_and_percent_signs() {
        assertThat(QualifiedName.parse("\"a\"\"b.c\n%s\".x").parts()).containsExactly("a\"b.c\n%s", "x");
    }

    @Test
    void a_dollar_and_digits_may_occur_within_a_name_but_not_begin_it() {
        assertThat(QualifiedName.parse("a$1").parts()).containsExactly("a$1");
        assertRefused(
                "1a",
                "The name 1a has '1' at character 1 where an identifier must begin; write SQL identifiers joined by"
                        + " dots. An identifier with other characters than letters, digits, _ and $ needs double quotes, such as"
                        + " public.\"Order Items\".");
    }

    @Test
    void white_space_is_allowed_around_the_dots() {
        assertThat(QualifiedName.parse(" public .\n\"X\" ").parts()).containsExactly("public", "X");
    }

    @Test
    void an_empty_name_is_rejected() {
        assertRefused("  ", "The name is empty; write an SQL identifier such as public.\"Order Items\".");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "a.        | ends after a dot",
                ".a        | has '.' at character 1 where an identifier must begin",
                "a..b      | has '.' at character 3 where an identifier must begin",
                "a b       | has 'b' at character 3 where only a dot or the end may follow",
                "a-b       | has '-' at character 2 where only a dot or the end may follow",
                "\"a\"b    | has 'b' at character 4 where only a dot or the end may follow",
                "a.\"\"    | has an empty quoted identifier",
                "a.\"b     | has a double quote that is not closed",
                "U&\"a\"   | has '&' at character 2 where only a dot or the end may follow",
            })
    void what_postgresql_rejects_is_rejected(String name, String fact) {
        assertRefused(
                name,
                "The name " + name + " " + fact + "; write SQL identifiers joined by dots. An identifier with other"
                        + " characters than letters, digits, _ and $ needs double quotes, such as public.\"Order Items\".");
    }

    @Test
    void a_name_longer_than_63_bytes_is_rejected_where_postgresql_would_truncate_it() {
        assertThat(QualifiedName.parse("x".repeat(63)).last()).hasSize(63);
        assertRefused(
                "ü".repeat(32),
                "The identifier \"" + "ü".repeat(32)
                        + "\" has 64 bytes; PostgreSQL's identifiers have at most 63 bytes.");
    }

    @Test
    void printing_quotes_what_needs_it_and_parses_back() {
        QualifiedName name = QualifiedName.of("public", "user", "Order", "a\"b", "_x1", "1a");
        assertThat(name).hasToString("public.\"user\".\"Order\".\"a\"\"b\"._x1.\"1a\"");
        assertThat(QualifiedName.parse(name.toString())).isEqualTo(name);
    }

    @Test
    void the_form_for_statements_quotes_everything() {
        assertThat(QualifiedName.of("public", "a\"b").quoteAll()).isEqualTo("\"public\".\"a\"\"b\"");
    }

    private static void assertRefused(String name, String sentence) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> QualifiedName.parse(name))
                .withMessage(sentence);
    }
}
