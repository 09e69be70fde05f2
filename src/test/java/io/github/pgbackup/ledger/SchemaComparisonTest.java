package io.github.pgbackup.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgbackup.archive.TableOfContents;
import io.github.pgbackup.test.Contents;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SchemaComparisonTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "CREATE INDEX i ON public.lost USING btree (id);\\n | CREATE INDEX i ON public.lost USING btree (id);",
                "ALTER TABLE ONLY public.lost\\n    ADD CONSTRAINT k PRIMARY KEY (id);\\n\\n"
                        + " | ALTER TABLE ONLY public.lost ADD CONSTRAINT k PRIMARY KEY (id);",
                "CREATE TABLE public.lost (\\n    id integer\\n);\\n | CREATE TABLE public.lost (…)",
                "CREATE VIEW public.lost AS\\n SELECT id\\n   FROM public.t;\\n | CREATE VIEW public.lost AS …",
                "-- left to pg_upgrade\\nCREATE TYPE public.lost;\\n | CREATE TYPE public.lost;",
                "-- nothing\\n | THING public.lost"
            })
    void what_is_missing_or_too_much_is_told_in_a_line(String definition, String told) {
        TableOfContents with = Contents.of(Contents.entry(5, "THING", "lost", definition.replace("\\n", "\n")));
        TableOfContents without = Contents.of();

        assertThat(SchemaComparison.of(with, without, true).differences())
                .containsExactly(new Difference("THING public.lost", told, "missing", 5));
        assertThat(SchemaComparison.of(without, with, true).differences())
                .containsExactly(new Difference("THING public.lost", "not in the backup", told, null));
    }

    /** pg_dump of PostgreSQL 18 and 19 writes them with --statistics; the restored database's own are not asked for. */
    @ParameterizedTest
    @ValueSource(strings = {"STATISTICS DATA", "EXTENDED STATISTICS DATA"})
    void statistics_of_the_planner_are_no_objects(String description) {
        TableOfContents with = Contents.of(
                Contents.entry(5, description, "lost", "SELECT * FROM pg_catalog.pg_restore_relation_stats();\n"));

        SchemaComparison comparison = SchemaComparison.of(with, Contents.of(), true);

        assertThat(comparison.differences()).isEmpty();
        assertThat(comparison.size()).isZero();
    }
}
