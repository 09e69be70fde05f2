package io.github.pgbackup.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgbackup.verification.Check;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class FailureTableTest {

    private static final int WIDTH = 72;

    private static Check check(String name, String expected, String actual) {
        return Check.of("ledger", name, expected, actual, false);
    }

    private static String table(Check... failed) {
        List<String> lines = FailureTable.lines(List.of(failed), WIDTH);
        assertThat(lines).allMatch(line -> line.length() <= WIDTH);
        return String.join("\n", lines).stripIndent();
    }

    @Test
    void columns_are_as_wide_as_what_is_in_them() {
        assertThat(table(
                        check("TABLE public.orders: rows", "1001", "1000"),
                        check("INDEX public.i", "present", "absent")))
                .isEqualTo("""
                          check                              expected  actual
                          ---------------------------------  --------  ------
                          ledger: TABLE public.orders: rows  1001      1000
                          ledger: INDEX public.i             present   absent""");
    }

    @Test
    void what_does_not_fit_goes_on_in_the_next_line() {
        assertThat(table(
                        check(
                                "column sandbox_tac.logical_unit.canonical_address_format_version: values",
                                "'canonical-address-v1': 76, other values: 0",
                                "'canonical-address-v1': 70, 'canonical-address-v2': 6, other values: 0"),
                        check("TABLE " + "x".repeat(64), "yes", "no")))
                .isEqualTo("""
                          check                       expected              actual
                          --------------------------  --------------------  --------------------
                          ledger: column sandbox_tac.logical_unit.canonical_address_format_
                          version: values
                                                      'canonical-address-   'canonical-address-
                                                      v1': 76, other        v1': 70,
                                                      values: 0             'canonical-address-
                                                                            v2': 6, other
                                                                            values: 0
                          ledger: TABLE
                          xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
                                                      yes                   no""");
    }

    @Test
    void a_short_value_leaves_its_room_to_a_long_one() {
        assertThat(table(check(
                        "target", "no", "not proved: network mode is bridge, a port is published, and so it goes on")))
                .isEqualTo("""
                          check           expected  actual
                          --------------  --------  --------------------------------------------
                          ledger: target  no        not proved: network mode is bridge, a port
                                                    is published, and so it goes on""");
    }

    @Test
    void of_many_checks_twenty_are_shown_and_the_rest_is_counted() {
        Check[] failed = IntStream.rangeClosed(1, 300)
                .mapToObj(i -> check("TABLE public.t" + i, "yes", "no"))
                .toArray(Check[]::new);

        assertThat(table(failed).lines())
                .hasSize(23)
                .contains("ledger: TABLE public.t20  yes       no")
                .endsWith("and 280 more, in the report");
    }

    @Test
    void of_values_that_nobody_would_read_there_the_difference_is_shown() {
        String same = "select a from t where ".repeat(200);
        String shown = table(check("VIEW v", same + "x > 1;", same + "x > 2;"));

        assertThat(shown).isEqualTo("""
                check           expected                 actual
                --------------  -----------------------  -----------------------
                ledger: VIEW v  … a from t where x > 1;  … a from t where x > 2;""");
    }

    @Test
    void a_value_cannot_add_a_line() {
        assertThat(table(check("VIEW v", "select\n1", "\u001b[31m")))
                .endsWith("ledger: VIEW v  select\\n1  \\u001B[31m");
    }
}
