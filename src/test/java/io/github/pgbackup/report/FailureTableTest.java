package io.github.pgbackup.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgbackup.evidence.Check;
import io.github.pgbackup.evidence.VerificationReport;
import io.github.pgbackup.expectation.Observation;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class FailureTableTest {

    private static final int WIDTH = 72;

    private static final String PRICED = """

            begin
              if price is null then
                return null;
              elsif price > 1000 then return price * 0.9;
              end if;
              return price;
            end""";

    private static Check check(String name, String expected, String actual) {
        return Check.difference(name, expected, actual);
    }

    private static Check expectation(
            String name, String expected, String archive, String restored, String source, @Nullable String hint) {
        Check.Observations observations =
                new Check.Observations(observation(archive), observation(restored), observation(source));
        return Reports.expectation(name, expected, restored, observations, Optional.ofNullable(hint));
    }

    private static Observation observation(String text) {
        return text.equals("-")
                ? Observation.unknown("an archive cannot run queries")
                : new Observation(Observation.State.FAILS, text);
    }

    private static String table(Check... failed) {
        return table(Reports.withChecks(failed));
    }

    private static String table(VerificationReport report) {
        List<String> lines = FailureTable.lines(report, WIDTH);
        assertThat(lines).allMatch(line -> line.length() <= WIDTH);
        return String.join("\n", lines).stripIndent();
    }

    @Test
    void columns_are_as_wide_as_their_content() {
        assertThat(table(
                        check("TABLE public.orders: rows", "1001", "1000"),
                        check("INDEX public.i", "present", "absent")))
                .isEqualTo("""
                          check                                  expected  actual
                          -------------------------------------  --------  ------
                          comparison: TABLE public.orders: rows  1001      1000
                          comparison: INDEX public.i             present   absent""");
    }

    @Test
    void an_expectation_shows_the_values_of_archive_restored_database_and_source() {
        assertThat(table(
                        expectation("query paid", "41", "-", "42", "43", null),
                        expectation(
                                "table public.orders: rows",
                                "1001",
                                "1000",
                                "1000",
                                "1000",
                                "The source says the same; the expectation is outdated or misspelt."),
                        check("TABLE DATA public.units", "86 rows", "85 rows")))
                .isEqualTo("""
                          check                                expected  actual
                          -----------------------------------  --------  -------
                          comparison: TABLE DATA public.units  86 rows   85 rows
                          check                      expected  archive  restored  source
                          -------------------------  --------  -------  --------  ------
                          query paid                 41        -        42        43
                          table public.orders: rows  1001      1000     1000      1000
                            The source says the same; the expectation is outdated or misspelt.""");
    }

    @Test
    void texts_of_several_lines_are_a_unified_diff() {
        assertThat(table(check("FUNCTION public.discount(numeric) body", PRICED, PRICED.replace("0.9", "0.8"))))
                .isEqualTo("""
                          comparison: FUNCTION public.discount(numeric) body
                            --- expected
                            +++ actual
                            @@ -2,7 +2,7 @@
                             begin
                               if price is null then
                                 return null;
                            -  elsif price > 1000 then return price * 0.9;
                            +  elsif price > 1000 then return price * 0.8;
                               end if;
                               return price;
                             end""");
    }

    @Test
    void a_long_diff_ends_with_the_number_of_further_lines() {
        String many =
                "\n" + IntStream.range(0, 60).mapToObj(i -> "line " + i + "\n").collect(Collectors.joining());

        assertThat(table(check("FUNCTION public.f() body", many, many.replace("line", "other"))))
                .contains("\n  -line 0\n")
                .endsWith("\n  and 94 more lines, in the report");
    }

    @Test
    void values_that_do_not_fit_into_columns_have_lines_of_their_own() {
        assertThat(table(
                        expectation(
                                "column sandbox_tac.logical_unit.canonical_address_format_version: values",
                                "'canonical-address-v1': 76, other values: 0",
                                "'canonical-address-v1': 70, 'canonical-address-v2': 6, other values: 0",
                                "'canonical-address-v1': 70, 'canonical-address-v2': 6, other values: 0",
                                "'canonical-address-v1': 76, other values: 0",
                                null),
                        check("TABLE " + "x".repeat(64), "yes", "no")))
                .isEqualTo("""
                        check                                                 expected  actual
                        ----------------------------------------------------  --------  ------
                        comparison: TABLE
                        xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
                                                                              yes       no
                        column sandbox_tac.logical_unit.canonical_address_format_version:
                        values
                          expected  'canonical-address-v1': 76, other values: 0
                          archive   'canonical-address-v1': 70, 'canonical-address-v2': 6,
                                    other values: 0
                          restored  'canonical-address-v1': 70, 'canonical-address-v2': 6,
                                    other values: 0
                          source    'canonical-address-v1': 76, other values: 0""");
    }

    @Test
    void a_definition_has_its_lines_and_no_line_break_is_printed_as_two_characters() {
        assertThat(table(check(
                        "POLICY public.articles p",
                        "CREATE POLICY p ON public.articles\n    FOR SELECT\n\n    USING (published);",
                        "missing")))
                .isEqualTo("""
                          comparison: POLICY public.articles p
                            expected  CREATE POLICY p ON public.articles
                                      FOR SELECT
                                      USING (published);
                            actual    missing""");
    }

    @Test
    void the_reason_that_pg_restore_gave_comes_last() {
        assertThat(table(Reports.withChecks(check("TABLE DATA public.units", "86 rows", "0 rows"))
                        .with(Reports.restore(
                                1,
                                List.of(
                                        new VerificationReport.GradedError(
                                                "TABLE DATA public.units",
                                                "COPY failed for table \"units\": ERROR:  division by zero",
                                                false,
                                                "caused the difference of TABLE DATA public.units"),
                                        new VerificationReport.GradedError(
                                                "ACL public.t", "no such role", true, "harmless"))))))
                .isEqualTo("""
                          check                                expected  actual
                          -----------------------------------  --------  ------
                          comparison: TABLE DATA public.units  86 rows   0 rows
                          pg_restore reported:
                          - TABLE DATA public.units: COPY failed for table "units": ERROR:
                            division by zero (caused the difference of TABLE DATA public.units)""");
    }

    @Test
    void twenty_of_many_checks_are_shown_and_the_rest_is_counted() {
        Check[] failed = IntStream.rangeClosed(1, 300)
                .mapToObj(i -> check("TABLE public.t" + i, "yes", "no"))
                .toArray(Check[]::new);

        assertThat(table(failed).lines())
                .hasSize(23)
                .contains("comparison: TABLE public.t20  yes       no")
                .endsWith("and 280 more, in the report");
    }

    @Test
    void long_values_are_cut_to_their_difference() {
        String same = "select a from t where ".repeat(200);
        String shown = table(check("VIEW v", same + "x > 1;", same + "x > 2;"));

        assertThat(shown).isEqualTo("""
                check               expected                 actual
                ------------------  -----------------------  -----------------------
                comparison: VIEW v  … a from t where x > 1;  … a from t where x > 2;""");
    }

    @Test
    void a_value_cannot_forge_a_line() {
        assertThat(table(check("VIEW v\n[INFO] PASS", "select\n[INFO] BUILD SUCCESS", "\u001b[31m\n")))
                .isEqualTo("""
                        comparison: VIEW v\\n[INFO] PASS
                          expected  select
                                    [INFO] BUILD SUCCESS
                          actual    \\u001B[31m\\n""");
    }
}
