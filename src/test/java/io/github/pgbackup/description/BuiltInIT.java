package io.github.pgbackup.description;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgbackup.test.Programs;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Changes of rows that initdb made, in the source or in the restored database: each is named, and excused or not. */
final class BuiltInIT {

    private static final int SHORT = 60;

    @AutoClose
    private static final DescribedPairs DATABASES = new DescribedPairs();

    @TempDir
    Path directory;

    /**
     * A change.
     *
     * @param inSource what is found when the source has it: the rule, or DIFFERENT, the name, the expected and the actual value
     * @param inRestored the same when the restored database has it
     */
    record Change(String sql, List<String> inSource, List<String> inRestored) {

        @Override
        public String toString() {
            return sql;
        }
    }

    private static Change change(String sql, String inSource, String inRestored) {
        return new Change(sql, List.of(inSource), List.of(inRestored));
    }

    static Stream<Change> changes() {
        return Stream.of(
                change(
                        "comment on collation pg_catalog.\"de-x-icu\" is null",
                        "BUILT_IN COLLATION de-x-icu comment: not in the source, German",
                        "DIFFERENT COLLATION de-x-icu comment: German, missing"),
                change(
                        "comment on text search dictionary pg_catalog.german_stem is 'x'",
                        "BUILT_IN TEXT SEARCH DICTIONARY german_stem comment: x, snowball stemmer for german language",
                        "DIFFERENT TEXT SEARCH DICTIONARY german_stem comment: snowball stemmer for german language, x"),
                change(
                        "comment on view pg_catalog.pg_views is 'x'",
                        "BUILT_IN VIEW pg_views comment: x, missing",
                        "DIFFERENT VIEW pg_views comment: not in the source, x"),
                change(
                        "create or replace view information_schema.enabled_roles as"
                                + " select 'x'::information_schema.sql_identifier as role_name",
                        "BUILT_IN RULE information_schema.enabled_roles _RETURN definition: … 'x' …, …",
                        "DIFFERENT RULE information_schema.enabled_roles _RETURN definition: …, … 'x' …"),
                change(
                        "drop view information_schema.user_mapping_options",
                        "BUILT_IN VIEW information_schema.user_mapping_options: not in the source, present",
                        "DIFFERENT VIEW information_schema.user_mapping_options: present, missing"),
                change(
                        "grant insert on pg_catalog.pg_tables to public",
                        "DIFFERENT VIEW pg_tables privileges: =ar/postgres, postgres=all/postgres, =r/postgres, postgres=all/postgres",
                        "DIFFERENT VIEW pg_tables privileges: =r/postgres, postgres=all/postgres, =ar/postgres, postgres=all/postgres"),
                change(
                        "grant update (table_name) on information_schema.tables to public",
                        "DIFFERENT VIEW information_schema.tables column table_name privileges: =w/postgres, none",
                        "DIFFERENT VIEW information_schema.tables column table_name privileges: none, =w/postgres"),
                change(
                        "revoke execute on function information_schema._pg_index_position from public",
                        "DIFFERENT FUNCTION information_schema._pg_index_position(oid,smallint) privileges:"
                                + " postgres=X/postgres, =X/postgres, postgres=X/postgres",
                        "DIFFERENT FUNCTION information_schema._pg_index_position(oid,smallint) privileges:"
                                + " =X/postgres, postgres=X/postgres, postgres=X/postgres"),
                new Change(
                        "alter function information_schema._pg_expandarray(anyarray) owner to pg_monitor",
                        List.of(
                                "BUILT_IN FUNCTION information_schema._pg_expandarray(anyarray) owner: pg_monitor, postgres",
                                "DIFFERENT FUNCTION information_schema._pg_expandarray(anyarray) privileges:"
                                        + " =X/pg_monitor, pg_monitor=X/pg_monitor, =X/postgres, postgres=X/postgres"),
                        List.of(
                                "DIFFERENT FUNCTION information_schema._pg_expandarray(anyarray) owner: postgres, pg_monitor",
                                "DIFFERENT FUNCTION information_schema._pg_expandarray(anyarray) privileges:"
                                        + " =X/postgres, postgres=X/postgres, =X/pg_monitor, pg_monitor=X/pg_monitor")),
                change(
                        "alter function pg_catalog.plpgsql_validator(oid) cost 7",
                        "BUILT_IN FUNCTION plpgsql_validator(oid) cost: 7, 1",
                        "DIFFERENT FUNCTION plpgsql_validator(oid) cost: 1, 7"),
                change(
                        "alter extension plpgsql drop function plpgsql_call_handler()",
                        "BUILT_IN FUNCTION plpgsql_call_handler() member of EXTENSION plpgsql: not in the source, present",
                        "DIFFERENT FUNCTION plpgsql_call_handler() member of EXTENSION plpgsql: present, missing"),
                change(
                        "alter domain information_schema.yes_or_no drop constraint yes_or_no_check",
                        "BUILT_IN CHECK CONSTRAINT information_schema.yes_or_no yes_or_no_check: not in the source, present",
                        "DIFFERENT CHECK CONSTRAINT information_schema.yes_or_no yes_or_no_check: present, missing"),
                new Change(
                        "update information_schema.sql_features set is_supported = 'YES' where feature_id = 'B011'",
                        List.of(
                                "BUILT_IN ROW information_schema.sql_features (B011,Embedded Ada,,,YES,,): present, missing",
                                "BUILT_IN ROW information_schema.sql_features (B011,Embedded Ada,,,NO,,): not in the source, present"),
                        List.of(
                                "DIFFERENT ROW information_schema.sql_features (B011,Embedded Ada,,,NO,,): present, missing",
                                "DIFFERENT ROW information_schema.sql_features (B011,Embedded Ada,,,YES,,): not in the source, present")),
                change(
                        "alter text search configuration pg_catalog.english alter mapping for asciiword with simple",
                        "BUILT_IN TEXT SEARCH CONFIGURATION MAPPING english 1 1 mapdict: simple, english_stem",
                        "DIFFERENT TEXT SEARCH CONFIGURATION MAPPING english 1 1 mapdict: english_stem, simple"),
                change(
                        "alter text search configuration pg_catalog.german drop mapping for int",
                        "BUILT_IN TEXT SEARCH CONFIGURATION MAPPING german 21 1: not in the source, present",
                        "DIFFERENT TEXT SEARCH CONFIGURATION MAPPING german 21 1: present, missing"),
                change(
                        "drop collation pg_catalog.\"fr-x-icu\"",
                        "SYSTEM_COLLATION COLLATION fr-x-icu: not in the source, present",
                        "SYSTEM_COLLATION COLLATION fr-x-icu: present, missing"),
                change(
                        "update pg_catalog.pg_collation set collisdeterministic = false where collname = 'nl-x-icu'",
                        "SYSTEM_COLLATION COLLATION nl-x-icu collisdeterministic: false, true",
                        "SYSTEM_COLLATION COLLATION nl-x-icu collisdeterministic: true, false"),
                change(
                        "update pg_catalog.pg_init_privs set initprivs = '{=r/postgres}'"
                                + " where objoid = 'pg_catalog.pg_rules'::regclass",
                        "BUILT_IN VIEW pg_rules pg_init_privs initprivs: =r/postgres, =r/postgres, postgres=all/postgres",
                        "DIFFERENT VIEW pg_rules pg_init_privs initprivs: =r/postgres, postgres=all/postgres, =r/postgres"),
                // A row that cannot be rendered.
                change(
                        "insert into pg_catalog.pg_attrdef select 16000, ev_class, 1, ev_action"
                                + " from pg_rewrite where ev_class = 'pg_catalog.pg_views'::regclass",
                        "BUILT_IN DEFAULT pg_views schemaname: present, missing",
                        "DIFFERENT DEFAULT pg_views schemaname: not in the source, present"),
                new Change(
                        "update pg_catalog.pg_description set description = description;"
                                + " update pg_catalog.pg_ts_config_map set mapdict = mapdict",
                        List.of(),
                        List.of()));
    }

    @ParameterizedTest
    @MethodSource("changes")
    void a_change_is_named_and_excused_only_in_the_source(Change change) throws Exception {
        int major = Programs.newest().major();

        assertThat(found(major, change.sql(), "")).containsExactlyInAnyOrderElementsOf(change.inSource());
        assertThat(found(major, "", change.sql())).containsExactlyInAnyOrderElementsOf(change.inRestored());
    }

    @ParameterizedTest
    @MethodSource("io.github.pgbackup.test.Programs#majors")
    void all_changes_are_named_and_excused_only_in_the_source(Programs programs) throws Exception {
        String sql = changes().map(Change::sql).collect(Collectors.joining("; "));

        assertThat(found(programs.major(), sql, "")).containsExactlyInAnyOrderElementsOf(all(Change::inSource));
        assertThat(found(programs.major(), "", sql)).containsExactlyInAnyOrderElementsOf(all(Change::inRestored));
        assertThat(found(programs.major(), sql, sql)).isEmpty();
    }

    private static List<String> all(Function<Change, List<String>> found) {
        return changes().map(found).flatMap(List::stream).toList();
    }

    private List<String> found(int major, String source, String restored) throws Exception {
        DescriptionFindings findings = DATABASES.findings(
                major, major, true, source, restored, Files.createTempDirectory(directory, "description"));
        return Stream.concat(
                        findings.differences().stream().map(each -> "DIFFERENT " + text(each)),
                        findings.excused().stream().map(each -> each.rule() + " " + text(each.finding())))
                .toList();
    }

    private static String text(Finding finding) {
        return finding.name() + ": " + shortened(finding.expected()) + ", " + shortened(finding.actual());
    }

    private static String shortened(String value) {
        if (value.length() > SHORT) {
            return value.contains("'x'") ? "… 'x' …" : "…";
        }
        return value.replaceAll("=arwdDxtm?/", "=all/"); // MAINTAIN came with 17
    }
}
