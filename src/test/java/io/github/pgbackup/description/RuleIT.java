package io.github.pgbackup.description;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** For each rule a difference that it excuses, and a similar one that it must not excuse. */
final class RuleIT {

    @AutoClose
    private static final DescribedPairs DATABASES = new DescribedPairs();

    @TempDir
    Path directory;

    /**
     * A pair of databases.
     *
     * @param rule by which the difference is excused; null: it is not
     * @param near the rule that comes near to it
     * @param name of the difference
     */
    record Case(
            @Nullable Rule rule,
            Rule near,
            int from,
            int to,
            boolean superuser,
            String source,
            String restored,
            String name) {

        @Override
        public String toString() {
            return (rule == null ? "not " : "") + near + ": " + name;
        }
    }

    private static Case excused(Rule rule, int from, int to, String source, String restored, String name) {
        return new Case(rule, rule, from, to, rule != Rule.ONLY_A_SUPERUSER, source, restored, name);
    }

    private static Case excused(Rule rule, String source, String restored, String name) {
        return excused(rule, 18, 18, source, restored, name);
    }

    private static Case not(Rule near, int from, int to, String source, String restored, String name) {
        return new Case(null, near, from, to, true, source, restored, name);
    }

    private static Case not(Rule near, String source, String restored, String name) {
        return not(near, 18, 18, source, restored, name);
    }

    private static final String ICU = "create collation phone_book (provider = icu, locale = 'de@collation=phonebook')";
    private static final String CAST_LATE =
            "create table t (c varchar, constraint k check ((c)::text = any ((array['a'::varchar, '%s'::varchar])::text[])))";
    private static final String SUBSCRIPTION =
            "create subscription s connection 'dbname=x' publication p with (connect = false, slot_name = none, enabled = false);";
    private static final String ENABLED_SUBSCRIPTION = SUBSCRIPTION
            + "update pg_catalog.pg_subscription set subenabled = true where subdbid ="
            + " (select oid from pg_catalog.pg_database where datname = current_database())";
    private static final String PARTITIONED = "create table p (a int) partition by list (a); ";
    private static final String FOREIGN_PARTITION = """
            create foreign data wrapper w; create server s foreign data wrapper w;
            create foreign table f partition of p for values in (1) server s;""";
    private static final String COMPARE =
            "create function cmp(text, int) returns int language sql immutable as 'select 0';";
    private static final String FAMILY = "create operator family fam using btree;";
    private static final String OPERATOR =
            "create function eq(int, int) returns bool language sql as 'select true'; create operator === (function = eq, leftarg = int, rightarg = int%s);";
    private static final String FOREIGN_KEY =
            "create table p (a int primary key); create table c (a int references p);";
    private static final String UPDATING_RULE = """
            create table t (a int); create table noted (a int, b text);
            create rule r as on update to t do instead update noted as n set b = '%s' where n.a = new.a;""";
    private static final String NOT_NULL_PARENTS =
            "create table p (a int constraint of_p not null); create table q (a int constraint of_q not null);";
    private static final String PARTITIONED_FOREIGN_KEY = """
            create table p (a int primary key); create table c (a int references p) partition by list (a);
            create table c_1 partition of c for values in (1);""";
    private static final String TRIGGER = """
            create table t (a int); create function f() returns trigger language plpgsql as 'begin return null; end';
            create trigger noted after insert on t for each row execute function f();""";
    private static final String MAPPING =
            "create foreign data wrapper w; create server s foreign data wrapper w; create user mapping for public server s";
    private static final String ORPHAN =
            "insert into pg_catalog.pg_description values (999999, 'pg_class'::regclass, 0, 'of nothing');";
    private static final String GRANTED_BY_A_SCRIPT = """
            create table t (a int); grant select on t to public;
            insert into pg_catalog.pg_init_privs
                select oid, 'pg_class'::regclass, 0, 'e', relacl from pg_catalog.pg_class where oid = 't'::regclass;""";

    static Stream<Case> cases() {
        return Stream.of(
                excused(
                        Rule.CHILD_COLUMN_ORDER,
                        "create table p (a int); create table c (b int, a int); alter table c inherit p",
                        "create table p (a int); create table c (a int, b int); alter table c inherit p",
                        "TABLE public.c column a position"),
                not(
                        Rule.CHILD_COLUMN_ORDER,
                        "create table p (a int); create table c (b int, a int)",
                        "create table p (a int); create table c (a int, b int)",
                        "TABLE public.c column a position"),
                excused(
                        Rule.PRINTED_DIFFERENTLY,
                        "create table t (c varchar, constraint k check (c in ('a', 'b')))",
                        CAST_LATE.formatted("b"),
                        "CHECK CONSTRAINT public.t k expression"),
                excused(Rule.PRINTED_DIFFERENTLY, 13, 18, ICU, ICU, "COLLATION public.phone_book colllocale"),
                not(
                        Rule.PRINTED_DIFFERENTLY,
                        13,
                        18,
                        ICU,
                        ICU.replace("de@", "sv@"),
                        "COLLATION public.phone_book colllocale"),
                not(
                        Rule.PRINTED_DIFFERENTLY,
                        "create table t (c varchar, constraint k check (c in ('a', 'b')))",
                        CAST_LATE.formatted("c"),
                        "CHECK CONSTRAINT public.t k expression"),
                excused(
                        Rule.NOT_NULL_IS_A_CONSTRAINT,
                        13,
                        18,
                        "create table t (a int not null)",
                        "create table t (a int not null)",
                        "NOT NULL CONSTRAINT public.t t_a_not_null"),
                excused(
                        Rule.NOT_NULL_IS_A_CONSTRAINT,
                        16,
                        17,
                        "create domain d as int not null",
                        "create domain d as int not null",
                        "NOT NULL CONSTRAINT public.d d_not_null"),
                not(
                        Rule.NOT_NULL_IS_A_CONSTRAINT,
                        16,
                        17,
                        "create domain d as int",
                        "create domain d as int not null",
                        "DOMAIN public.d typnotnull"),
                not(
                        Rule.NOT_NULL_IS_A_CONSTRAINT,
                        13,
                        18,
                        "create table t (a int)",
                        "create table t (a int not null)",
                        "TABLE public.t column a NOT NULL"),
                excused(
                        Rule.PRINTED_DIFFERENTLY,
                        17,
                        19,
                        UPDATING_RULE.formatted("a"),
                        UPDATING_RULE.formatted("a"),
                        "RULE public.t r definition"),
                not(
                        Rule.PRINTED_DIFFERENTLY,
                        17,
                        19,
                        UPDATING_RULE.formatted("a"),
                        UPDATING_RULE.formatted("b"),
                        "RULE public.t r definition"),
                excused(
                        Rule.INHERITED_NOT_NULL,
                        """
                        create table p (a int); create table q (a int constraint of_q not null);
                        create table c () inherits (p, q); alter table p add constraint of_p not null a""",
                        NOT_NULL_PARENTS + "create table c () inherits (p, q)",
                        "NOT NULL CONSTRAINT public.c of_q"),
                not(
                        Rule.INHERITED_NOT_NULL,
                        NOT_NULL_PARENTS + "create table c (constraint of_c not null a) inherits (p, q)",
                        NOT_NULL_PARENTS + "create table c () inherits (p, q)",
                        "NOT NULL CONSTRAINT public.c of_c"),
                excused(
                        Rule.PARTITIONED_FOREIGN_KEY,
                        14,
                        15,
                        PARTITIONED_FOREIGN_KEY,
                        PARTITIONED_FOREIGN_KEY,
                        "TRIGGER public.c RI_ConstraintTrigger_c_N RI_FKey_check_ins for c_a_fkey of public.c"),
                not(
                        Rule.PARTITIONED_FOREIGN_KEY,
                        14,
                        15,
                        PARTITIONED_FOREIGN_KEY.replace(" references p", ""),
                        PARTITIONED_FOREIGN_KEY,
                        "FK CONSTRAINT public.c c_a_fkey"),
                excused(
                        Rule.MULTIRANGES,
                        13,
                        18,
                        "create type r as range (subtype = int)",
                        "create type r as range (subtype = int)",
                        "TYPE public.r_multirange"),
                not(
                        Rule.MULTIRANGES,
                        13,
                        18,
                        "create type r as range (subtype = int)",
                        "create type r as range (subtype = int); create type s_multirange as enum ()",
                        "TYPE public.s_multirange"),
                excused(Rule.DEFAULT_OF_STREAMING, 15, 18, SUBSCRIPTION, SUBSCRIPTION, "SUBSCRIPTION s substream"),
                not(
                        Rule.DEFAULT_OF_STREAMING,
                        15,
                        18,
                        SUBSCRIPTION,
                        SUBSCRIPTION + "alter subscription s set (streaming = on)",
                        "SUBSCRIPTION s substream"),
                excused(
                        Rule.COPIED_COLLATION,
                        "create collation c from \"C\"",
                        "create collation c (locale = 'C')",
                        "COLLATION public.c collencoding"),
                not(
                        Rule.COPIED_COLLATION,
                        "create collation c from \"C\"",
                        "create collation c (locale = 'POSIX')",
                        "COLLATION public.c collcollate"),
                excused(Rule.DESCRIBES_NOTHING, ORPHAN, "", "UNKNOWN pg_class comment"),
                not(Rule.DESCRIBES_NOTHING, "", ORPHAN, "UNKNOWN pg_class comment"),
                excused(
                        Rule.SUBSCRIPTION_RESTORED_DISABLED,
                        ENABLED_SUBSCRIPTION,
                        SUBSCRIPTION,
                        "SUBSCRIPTION s enabled"),
                not(Rule.SUBSCRIPTION_RESTORED_DISABLED, SUBSCRIPTION, ENABLED_SUBSCRIPTION, "SUBSCRIPTION s enabled"),
                excused(
                        Rule.PARTITIONED_INDEX_OVER_FOREIGN_TABLES,
                        PARTITIONED + "create index i on p (a);" + FOREIGN_PARTITION,
                        PARTITIONED + FOREIGN_PARTITION + "create index i on only p (a)",
                        "INDEX public.i valid"),
                not(
                        Rule.PARTITIONED_INDEX_OVER_FOREIGN_TABLES,
                        PARTITIONED + "create table q partition of p for values in (1); create index i on p (a)",
                        PARTITIONED + "create table q partition of p for values in (1); create index i on only p (a)",
                        "INDEX public.i valid"),
                excused(
                        Rule.INVALID_INDEX,
                        "create table t (a int); create index i on t (a);"
                                + " update pg_catalog.pg_index set indisvalid = false where indexrelid = 'i'::regclass",
                        "create table t (a int)",
                        "INDEX public.i"),
                not(
                        Rule.INVALID_INDEX,
                        "create table t (a int); create index i on t (a)",
                        "create table t (a int)",
                        "INDEX public.i"),
                excused(
                        Rule.FOREIGN_KEY_TRIGGERS,
                        FOREIGN_KEY + "alter table c disable trigger all",
                        FOREIGN_KEY,
                        "TRIGGER public.c RI_ConstraintTrigger_c_N RI_FKey_check_ins for c_a_fkey of public.c enabled"),
                not(
                        Rule.FOREIGN_KEY_TRIGGERS,
                        FOREIGN_KEY,
                        FOREIGN_KEY + "alter table c disable trigger all",
                        "TRIGGER public.c RI_ConstraintTrigger_c_N RI_FKey_check_ins for c_a_fkey of public.c enabled"),
                not(
                        Rule.FOREIGN_KEY_TRIGGERS,
                        TRIGGER + "alter table t disable trigger noted",
                        TRIGGER,
                        "TRIGGER public.t noted enabled"),
                excused(
                        Rule.RANGE_TYPE_PARTS,
                        "create type r as range (subtype = int); revoke execute on function r(int, int) from public",
                        "create type r as range (subtype = int)",
                        "FUNCTION public.r(integer,integer) privileges"),
                not(
                        Rule.RANGE_TYPE_PARTS,
                        "create type r as range (subtype = int); revoke usage on type r from public",
                        "create type r as range (subtype = int)",
                        "TYPE public.r privileges"),
                excused(
                        Rule.MEMBER_OF_BUILT_IN_FAMILY,
                        COMPARE
                                + "alter operator family pg_catalog.integer_ops using btree add function 1 (text, int) cmp(text, int)",
                        COMPARE,
                        "FUNCTION OF FAMILY btree integer_ops text integer 1"),
                not(
                        Rule.MEMBER_OF_BUILT_IN_FAMILY,
                        COMPARE + FAMILY
                                + "alter operator family fam using btree add function 1 (text, int) cmp(text, int)",
                        COMPARE + FAMILY,
                        "FUNCTION OF FAMILY btree public.fam text integer 1"),
                excused(
                        Rule.INTERNAL_TRIGGER,
                        TRIGGER + "update pg_catalog.pg_trigger set tgisinternal = true where tgname = 'noted'",
                        TRIGGER + "drop trigger noted on t",
                        "TRIGGER public.t noted"),
                not(Rule.INTERNAL_TRIGGER, TRIGGER, TRIGGER + "drop trigger noted on t", "TRIGGER public.t noted"),
                excused(
                        Rule.SHELL_OPERATOR,
                        OPERATOR.formatted(", commutator = ====") + "drop operator === (int, int)",
                        OPERATOR.formatted("") + "drop operator === (int, int)",
                        "OPERATOR public.====(integer,integer)"),
                not(
                        Rule.SHELL_OPERATOR,
                        OPERATOR.formatted(""),
                        OPERATOR.formatted("") + "drop operator === (int, int)",
                        "OPERATOR public.===(integer,integer)"),
                excused(
                        Rule.SYSTEM_COLLATION,
                        "",
                        "delete from pg_catalog.pg_description where objoid = '\"und-x-icu\"'::regcollation;"
                                + " delete from pg_catalog.pg_collation where collname = 'und-x-icu'",
                        "COLLATION und-x-icu"),
                not(
                        Rule.SYSTEM_COLLATION,
                        "create collation \"und-x-icu\" (locale = 'C')",
                        "",
                        "COLLATION public.und-x-icu"),
                excused(
                        Rule.ONLY_A_SUPERUSER,
                        MAPPING + " options (password 'secret')",
                        MAPPING,
                        "USER MAPPING PUBLIC SERVER s options (digest)"),
                not(
                        Rule.ONLY_A_SUPERUSER,
                        MAPPING + " options (password 'secret')",
                        MAPPING,
                        "USER MAPPING PUBLIC SERVER s options (digest)"),
                excused(
                        Rule.INITIAL_PRIVILEGES,
                        GRANTED_BY_A_SCRIPT,
                        "create table t (a int)",
                        "TABLE public.t privileges"),
                not(
                        Rule.INITIAL_PRIVILEGES,
                        GRANTED_BY_A_SCRIPT + "grant insert on t to public",
                        "create table t (a int)",
                        "TABLE public.t privileges"),
                excused(
                        Rule.EXTENSION_OF_ANOTHER_VERSION,
                        "create extension hstore version '1.4'",
                        "create extension hstore",
                        "FUNCTION public.hstore_hash_extended(public.hstore,bigint)"),
                not(
                        Rule.EXTENSION_OF_ANOTHER_VERSION,
                        "create extension hstore",
                        "create extension hstore; alter extension hstore drop function akeys(hstore); drop function akeys(hstore)",
                        "FUNCTION public.akeys(public.hstore)"),
                excused(
                        Rule.EXTENSION_MEMBER,
                        "create extension hstore; alter function akeys(hstore) cost 7",
                        "create extension hstore",
                        "FUNCTION public.akeys(public.hstore) cost"),
                not(
                        Rule.EXTENSION_MEMBER,
                        "create extension hstore",
                        "create extension hstore; alter function akeys(hstore) cost 7",
                        "FUNCTION public.akeys(public.hstore) cost"),
                excused(Rule.BUILT_IN, "alter function pg_catalog.lower(text) cost 7", "", "FUNCTION lower(text) cost"),
                excused(
                        Rule.BUILT_IN,
                        "comment on function pg_catalog.lower(text) is null",
                        "",
                        "FUNCTION lower(text) comment"),
                not(
                        Rule.BUILT_IN,
                        "",
                        "comment on function pg_catalog.lower(text) is null",
                        "FUNCTION lower(text) comment"),
                not(Rule.BUILT_IN, "", "alter function pg_catalog.lower(text) cost 7", "FUNCTION lower(text) cost"));
    }

    @Test
    void each_rule_has_a_case_on_both_sides() {
        Set<Rule> excusing =
                cases().filter(each -> each.rule() != null).map(Case::near).collect(Collectors.toSet());
        Set<Rule> refusing =
                cases().filter(each -> each.rule() == null).map(Case::near).collect(Collectors.toSet());
        assertThat(excusing).containsExactlyInAnyOrder(Rule.values());
        assertThat(refusing).containsExactlyInAnyOrder(Rule.values());
    }

    @ParameterizedTest
    @MethodSource("cases")
    void a_difference_is_excused_by_its_rule_and_by_no_other(Case each) throws Exception {
        DescriptionFindings findings =
                DATABASES.findings(each.from(), each.to(), each.superuser(), each.source(), each.restored(), directory);

        if (each.rule() == null) {
            assertThat(findings.differences()).extracting(Finding::name).contains(each.name());
        } else {
            assertThat(findings.excused())
                    .extracting(excused -> excused.finding().name(), Excused::rule)
                    .contains(tuple(each.name(), each.rule()));
            assertThat(findings.differences()).isEmpty();
        }
    }
}
