package io.github.pgbackup.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.container.DaemonFinder;
import io.github.pgbackup.evidence.Check;
import io.github.pgbackup.evidence.VerificationReport;
import io.github.pgbackup.plan.CapturePlan;
import io.github.pgbackup.plan.ExpectationsSchemaTest;
import io.github.pgbackup.plan.InvalidConfigurationException;
import io.github.pgbackup.plan.PlanReader;
import io.github.pgbackup.plan.Tag;
import io.github.pgbackup.plan.Xml;
import io.github.pgbackup.report.ExpectationsXml;
import io.github.pgbackup.source.Credentials;
import io.github.pgbackup.source.SilentConsole;
import io.github.pgbackup.stage.Interruption;
import io.github.pgbackup.test.ProductionServer;
import io.github.pgbackup.test.Programs;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.xml.sax.SAXException;

/** A backup of a database with unusual objects satisfies the expectations captured from that database. */
final class ExpectationCaptureIT {

    private static final ProductionServer PRODUCTION = server(Programs.newest());

    private static final String MORE = """
            create table "x${y}" (a int); create table "white "(" a " int); create table "new\rline" (a int);
            create table "control\u0001" ("\u0002" int);
            create table "states -- <&>" (id int primary key, state text, flag boolean, code char(3), many int, key text unique);
            insert into "states -- <&>" select i, (array[' a', '', E'a\\r\\n\\tb', E'\\u0001', '${user}', 'a&<>"''--]]>', 'x', null])[i % 8 + 1],
                i % 3 = 0, 'ab', i % 13, 'secret ' || i from generate_series(1, 39) i;
            create table people (id int, email text); insert into people values (1, 'one@example.org'), (2, 'two@example.org');
            create table nothing_but_null (a text); insert into nothing_but_null values (null), (null);
            do $$ begin execute (select 'create type hue as enum (' || string_agg(quote_literal('h' || i), ', ') || ')'
                                 from generate_series(1, 30) i); end $$;
            create table hued (hue hue) partition by hash (hue);
            create table hued_0 partition of hued for values with (modulus 2, remainder 0);
            create table hued_1 partition of hued for values with (modulus 2, remainder 1);
            insert into hued select ('h' || i)::hue from generate_series(1, 30) i, generate_series(1, i);
            """;

    @TempDir
    private Path directory;

    private static ProductionServer server(Programs programs) {
        ProductionServer production = ProductionServer.start(programs.bin(), "postgres", "wal_level=logical");
        production.load("postgres", "corpus/roles.sql");
        OddDatabase.create(production, "captured");
        production.execute("captured", "set transaction read write; set search_path = public; " + MORE);
        return production;
    }

    @AfterAll
    static void stopServer() {
        PRODUCTION.close();
    }

    @ParameterizedTest
    @MethodSource("io.github.pgbackup.test.Programs#majors")
    void a_backup_satisfies_captured_expectations(Programs programs) {
        try (ProductionServer production = server(programs)) {
            satisfies(production);
        }
    }

    private void satisfies(ProductionServer production) {
        String xml = capture(production, Map.of());
        Tag expectations = Xml.tag(xml);

        VerificationReport report = VerificationRun.of(production, "captured", directory)
                .expect(expectations)
                .run();

        assertThat(report.outcome().problem()).as(report.problemText()).isEmpty();
        assertThat(report.failedChecks()).extracting(Check::sentence).isEmpty();
        assertThat(expectations.children())
                .extracting(Tag::name)
                .contains(
                        "extension",
                        "schema",
                        "table",
                        "view",
                        "materializedView",
                        "column",
                        "index",
                        "constraint",
                        "policy",
                        "sequence")
                .hasSizeGreaterThan(150);
        assertThat(report.checks().stream().filter(check -> check.name().endsWith(": values")))
                .isNotEmpty();
    }

    @Test
    void a_backup_satisfies_captured_expectations_with_any_database_settings() {
        PRODUCTION.createDatabase("captured_settings");
        PRODUCTION.load("captured_settings", "corpus/captured.sql");

        VerificationReport report = VerificationRun.of(PRODUCTION, "captured_settings", directory)
                .with("comparison", "content")
                .expect(Xml.tag(capture(PRODUCTION, "captured_settings", Map.of())))
                .run();

        BackupVerificationIT.assertPassed(report);
        assertThat(report.checks()).hasSizeGreaterThan(400);
    }

    /** pg_dump includes the storage parameters of a key in its definition, and pg_get_constraintdef() omits them. */
    @ParameterizedTest
    @MethodSource("io.github.pgbackup.test.Programs#majors")
    void a_backup_satisfies_captured_keys_of_every_kind(Programs programs) {
        try (ProductionServer production = ProductionServer.start(programs.bin())) {
            production.createDatabase("keys");
            production.execute("keys", keys(programs.major()));
            String xml = capture(production, "keys", Map.of());

            VerificationReport report = VerificationRun.of(production, "keys", directory)
                    .with("comparison", "content")
                    .expect(Xml.tag(xml))
                    .run();

            assertThat(report.outcome().problem()).as(report.problemText()).isEmpty();
            assertThat(report.failedChecks()).extracting(Check::sentence).isEmpty();
            assertThat(report.checks().stream().filter(check -> check.name().matches("constraint .*: definition")))
                    .hasSizeGreaterThan(30);
        }
    }

    /** Each kind of key with each possible clause after it. */
    private static String keys(int major) {
        StringBuilder sql = new StringBuilder("create table keys (id int primary key);");
        int table = 0;
        for (String key : List.of(
                "primary key (a)", "unique (a, b)", major < 15 ? "unique (b)" : "unique nulls not distinct (b)")) {
            for (String include : List.of("", " include (c)")) {
                for (String storage :
                        List.of("", " with (fillfactor=70)", " with (fillfactor='70', deduplicate_items=off)")) {
                    for (String deferred : List.of("", " deferrable initially deferred")) {
                        table++;
                        sql.append("create table t")
                                .append(table)
                                .append(" (a int, b text, c int, constraint \"k (")
                                .append(table)
                                .append("\" ")
                                .append(key)
                                .append(include)
                                .append(storage)
                                .append(deferred)
                                .append(");");
                        sql.append("insert into t").append(table).append(" values (1, 'x', 2);");
                    }
                }
            }
        }
        return sql + """
                create table part (a int, b int, constraint part_key primary key (a) with (fillfactor=60)) partition by range (a);
                create table part_1 partition of part for values from (1) to (10);
                create table other (a int references keys on delete cascade, b int4range,
                    constraint "with (" check (a > 0) no inherit, exclude using gist (b with &&) with (fillfactor=70) where (a > 1));
                alter table other add constraint late check (a > 1) not valid;""";
    }

    /** SQL_ASCII takes any bytes, and the driver reads UTF-8. */
    @Test
    void bytes_that_are_not_utf8_are_left_out_without_an_error() {
        PRODUCTION.execute(
                "postgres",
                "create database ascii encoding 'SQL_ASCII' template template0 lc_collate 'C' lc_ctype 'C'");
        PRODUCTION.execute("ascii", """
                create table plain (id int primary key, state text, ok text default 'fine', bad text);
                create function latin1(code text) returns text language sql immutable as
                    $$ select convert_from(decode(code, 'hex'), 'SQL_ASCII') $$;
                insert into plain select i, case when i % 2 = 0 then latin1('e9') else 'e' end, 'fine', 'x' from generate_series(1, 9) i;
                do $$ begin
                    execute format('alter table plain alter bad set default %L', latin1('63e9'));
                    execute format('create table %I (a int)', 'caf' || latin1('e9'));
                    execute format('create table %I (a int)', 'caf' || latin1('c3a9'));
                end $$;""");
        String xml = capture(PRODUCTION, "ascii", Map.of());
        // A verification cannot lock a table with such a name, and reports that.
        PRODUCTION.execute("ascii", "do $$ begin execute format('drop table %I', 'caf' || latin1('e9')); end $$");

        VerificationReport report = VerificationRun.of(PRODUCTION, "ascii", directory)
                .with("comparison", "none")
                .expect(Xml.tag(xml))
                .run();

        assertThat(xml)
                .contains(
                        "<name>public.plain.state</name>",
                        "<name>public.plain.ok</name>",
                        "<name>public.\"café\"</name>")
                .doesNotContain("public.plain.bad", "\uFFFD");
        assertThat(report.outcome().problem()).as(report.problemText()).isEmpty();
        assertThat(report.failedChecks()).extracting(Check::sentence).isEmpty();
    }

    @Test
    void missing_privileges_are_reported() {
        PRODUCTION.execute("captured", """
                set transaction read write; create role reader login password 'reader'; grant connect on database captured to reader; grant usage on schema public to reader;
                grant select on people to reader;""");

        assertThatThrownBy(() -> capture(
                        PRODUCTION, new Credentials("reader", "reader"), "captured", Map.of("include", "public.*")))
                .isInstanceOf(CannotVerifyException.class)
                .hasMessage(
                        "The source's role may not read everything that you selected: permission denied for table TABLE."
                                + " Grant it SELECT, or choose what it may read: <include> (-Dpgbackup.include), <exclude>"
                                + " (-Dpgbackup.exclude).");
        assertThat(capture(
                        PRODUCTION,
                        new Credentials("reader", "reader"),
                        "captured",
                        Map.of("include", "public.people")))
                .contains("<rows>2</rows>");
    }

    @Test
    void text_that_a_pom_cannot_contain_is_left_out_with_a_warning() {
        String xml = capture(Map.of("include", "public.*"));

        assertThat(xml)
                .contains("<!-- table public.\"x${y}\" is left out: a POM cannot hold it -->")
                .contains("<!-- table public.\"control\\u0001\" is left out: a POM cannot hold it -->")
                .contains("<!-- values left out because a POM cannot hold them: 3 -->")
                .contains("<name>public.\"new&#13;line\"</name>")
                .contains("<is>a&#13;\n\tb</is>")
                .doesNotContain("\u0001");
    }

    @Test
    void values_of_columns_with_few_distinct_values_are_written() {
        String xml = capture(Map.of("include", "public.\"states -- <&>\",public.people"));

        assertThat(column(xml, "public.\"states -- &lt;&amp;&gt;\".flag")).contains("""
                        <values>
                            <value>
                                <is>f</is>
                                <rows>26</rows>
                            </value>
                            <value>
                                <is>t</is>
                                <rows>13</rows>
                            </value>
                        </values>
                """);
        // Thirteen values are one too many; a value that differs in each row is a key, or personal data.
        assertThat(column(xml, "public.\"states -- &lt;&amp;&gt;\".many")).doesNotContain("values");
        assertThat(xml).doesNotContain("secret").doesNotContain("example.org");
        assertThat(column(
                        capture(Map.of("include", "public.\"states\"*", "maximumDistinct", "13")),
                        "public.\"states -- &lt;&amp;&gt;\".many"))
                .contains("<rows>3</rows>");
    }

    @Test
    void no_values_are_written_if_none_are_wanted() {
        assertThat(capture(Map.of("maximumDistinct", "0"))).doesNotContain("<value");
    }

    @Test
    void patterns_choose_the_tables_and_each_must_match_one() {
        String xml = capture(Map.of("include", "s1.*, PUBLIC.measure*", "exclude", "public.*_2026*"));

        assertThat(xml)
                .contains("<name>s1.same</name>", "<name>public.measurement_eu</name>")
                .doesNotContain("measurement_eu_2026")
                .doesNotContain("<name>public.parent</name>");
        assertThatThrownBy(() -> capture(Map.of("include", "public.*,publik.*")))
                .isInstanceOf(CannotVerifyException.class)
                .hasMessage("No table, view or sequence of the source matches publik.*. Correct <include>"
                        + " (-Dpgbackup.include); names are SQL identifiers, in double quotes where they have capital"
                        + " letters.");
    }

    @Test
    void a_source_that_is_another_database_is_not_queried() {
        assertThatThrownBy(() -> capture(Map.of("identity.database", "shop")))
                .isInstanceOf(CannotVerifyException.class)
                .hasMessage("The source is not the expected database: identity: database is `captured`, expected"
                        + " `shop`. Correct <source><url> (-Dpgbackup.source.url), or what <identity> expects"
                        + " (-Dpgbackup.identity.database).");
    }

    private static String column(String xml, String name) {
        int at = xml.indexOf("<column>\n        <name>" + name + "</name>");
        assertThat(at).as(name + " in " + xml).isNotNegative();
        return xml.substring(at, xml.indexOf("</column>", at));
    }

    private String capture(Map<String, String> more) {
        return capture(PRODUCTION, more);
    }

    private String capture(ProductionServer production, Map<String, String> more) {
        return capture(production, "captured", more);
    }

    private String capture(ProductionServer production, String database, Map<String, String> more) {
        return capture(production, new Credentials(production.superuser(), production.password()), database, more);
    }

    private String capture(
            ProductionServer production, Credentials credentials, String database, Map<String, String> more) {
        Map<String, String> properties = new LinkedHashMap<>();
        properties.put("pgbackup.source.url", production.url(database));
        more.forEach((name, value) -> properties.put("pgbackup." + name, value));
        SilentConsole console = new SilentConsole();
        try {
            CapturePlan plan =
                    new PlanReader(properties::get, directory).readCapture(new Tag("configuration", null, List.of()));
            try (Interruption interruption = new Interruption(plan.timeout(), console)) {
                String file = ExpectationsXml.of(
                        new ExpectationCapture(
                                        plan, address -> credentials, new DaemonFinder(Map.of()), console, interruption)
                                .run(),
                        "captured");
                ExpectationsSchemaTest.validate(file);
                return file;
            }
        } catch (SAXException | IOException e) {
            throw new AssertionError("Not valid by its schema", e);
        } catch (InvalidConfigurationException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
