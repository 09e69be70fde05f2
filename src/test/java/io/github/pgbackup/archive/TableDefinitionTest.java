package io.github.pgbackup.archive;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgbackup.archive.TableDefinition.Column;
import java.util.List;
import org.junit.jupiter.api.Test;

final class TableDefinitionTest {

    @Test
    void columns_and_constraints_of_a_table_are_read() {
        TableDefinition table = TableDefinition.parse("""
                        CREATE TABLE app.orders (
                            id integer NOT NULL,
                            "unit price" numeric(10,2) DEFAULT 0 NOT NULL,
                            "say ""hi"", (" text DEFAULT 'a, b) NOT NULL'::text COLLATE pg_catalog."C",
                            escaped text DEFAULT E'\\\\''\\', x'::text,
                            updated_at timestamp(3) with time zone DEFAULT now() NOT NULL,
                            tags public."My Type"[] DEFAULT ARRAY['x'::text, 'y'::text],
                            kind public."default",
                            total numeric GENERATED ALWAYS AS (("unit price" * (2)::numeric)) STORED,
                            code character varying(10) CONSTRAINT code_known NOT NULL,
                            CONSTRAINT "positive, I say" CHECK (("unit price" >= (0)::numeric)),
                            CONSTRAINT id_known CHECK ((id IS NOT NULL))
                        );
                        """).orElseThrow();

        assertThat(table.columns())
                .containsExactly(
                        new Column("id", "integer", true, null, null),
                        new Column("unit price", "numeric(10,2)", true, "0", null),
                        new Column("say \"hi\", (", "text", false, "'a, b) NOT NULL'::text", null),
                        new Column("escaped", "text", false, "E'\\\\''\\', x'::text", null),
                        new Column("updated_at", "timestamp(3) with time zone", true, "now()", null),
                        new Column("tags", "public.\"My Type\"[]", false, "ARRAY['x'::text, 'y'::text]", null),
                        new Column("kind", "public.\"default\"", false, null, null),
                        new Column("total", "numeric", false, null, "(\"unit price\" * (2)::numeric)"),
                        new Column("code", "character varying(10)", true, null, null));
        assertThat(table.constraints()).containsExactly("code_known", "positive, I say", "id_known");
        assertThat(table.complete()).isTrue();
        assertThat(table.column("unit price")).hasValue(table.columns().get(1));
        assertThat(table.column("absent")).isEmpty();
    }

    @Test
    void a_table_without_columns_is_a_table() {
        assertThat(TableDefinition.parse("CREATE TABLE public.t (\n);\n"))
                .hasValue(new TableDefinition(List.of(), List.of(), true));
    }

    @Test
    void a_foreign_and_an_unlogged_table_are_tables() {
        assertThat(TableDefinition.parse("""
                                CREATE FOREIGN TABLE public.f (
                                    a integer OPTIONS (
                                    column_name 'x'
                                    )
                                )
                                SERVER s
                                OPTIONS (
                                    a 'b'
                                );
                                """).orElseThrow().columns())
                .containsExactly(new Column("a", "integer", false, null, null));
        assertThat(TableDefinition.parse("CREATE UNLOGGED TABLE public.u (\n    a integer\n);\n"))
                .hasValue(new TableDefinition(List.of(new Column("a", "integer", false, null, null)), List.of(), true));
    }

    @Test
    void a_table_that_inherits_or_is_typed_may_have_more_columns() {
        assertThat(TableDefinition.parse("CREATE TABLE public.c (\n    b integer\n)\nINHERITS (public.p);\n"))
                .hasValue(
                        new TableDefinition(List.of(new Column("b", "integer", false, null, null)), List.of(), false));
        assertThat(TableDefinition.parse("CREATE TABLE public.c OF public.pt (\n    a WITH OPTIONS DEFAULT 1\n);\n"))
                .hasValue(new TableDefinition(List.of(), List.of(), false));
        assertThat(TableDefinition.parse(
                        "CREATE TABLE public.c OF public.pt (\n    a NOT NULL,\n    b DEFAULT 1\n);\n"))
                .hasValue(new TableDefinition(List.of(), List.of(), false));
    }

    @Test
    void a_partitioned_table_is_a_table() {
        assertThat(TableDefinition.parse("CREATE TABLE public.p (\n    b integer\n)\nPARTITION BY RANGE (b);\n")
                        .orElseThrow()
                        .complete())
                .isTrue();
    }

    @Test
    void a_definition_without_a_list_of_columns_is_not_parsed() {
        assertThat(TableDefinition.parse("CREATE VIEW public.v AS\n SELECT 1;\n"))
                .isEmpty();
        assertThat(TableDefinition.parse("CREATE TABLE public.c PARTITION OF public.p DEFAULT;\n"))
                .isEmpty();
        assertThat(TableDefinition.parse("CREATE TABLE public.c (a integer")).isEmpty();
        assertThat(TableDefinition.parse("CREATE TABLE")).isEmpty();
        assertThat(TableDefinition.parse("")).isEmpty();
    }
}
