package io.github.pgbackup.comparison;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgbackup.comparison.DatabaseObservations.TableObservation;
import io.github.pgbackup.postgres.Session;
import io.github.pgbackup.test.ProductionServer;
import io.github.pgbackup.test.Programs;
import java.sql.SQLException;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

final class RowHashIT {

    @AutoClose
    static final ProductionServer PRODUCTION = ProductionServer.start();

    private static final AtomicInteger counter = new AtomicInteger();

    @BeforeAll
    static void two_databases() {
        PRODUCTION.createDatabase("here");
        PRODUCTION.execute("here", """
                create table same (a int, b text);
                create table altered (a int, b text);
                create table swapped (a text, b text);
                create table twice (a int, b text);
                create table nulls (a int, b text);
                create table none ();
                create domain whole as int;
                create table of_domain (a whole, b smallint, c varchar);
                insert into of_domain values (1, -2, 'x'), (null, 3, null);
                create table exchanged (a bigint, b timestamptz, c text);
                insert into exchanged values (1, '2024-01-01 00:00:00+00', 'x'), (2, '2025-01-01 00:00:00+00', 'y');
                insert into same select i, md5(i::text) from generate_series(1, 1000) i;
                insert into altered select i, md5(i::text) from generate_series(1, 1000) i;
                insert into swapped values ('x', 'y'), ('y', 'x');
                insert into twice values (1, 'x'), (1, 'x'), (2, 'y');
                insert into nulls values (1, null);
                insert into none select from generate_series(1, 3);
                """);
        PRODUCTION.createDatabase("there");
        PRODUCTION.execute("there", """
                create table same (b text, a int);
                create table altered (a int, b text);
                create table swapped (a text, b text);
                create table twice (a int, b text);
                create table nulls (a int, b text);
                create table none ();
                create table of_domain (a int, b bigint, c text);
                insert into of_domain values (1, -2, 'x'), (null, 3, null);
                create table exchanged (a bigint, b timestamptz, c text);
                insert into exchanged values (2, '2024-01-01 00:00:00+00', 'x'), (1, '2025-01-01 00:00:00+00', 'y');
                insert into same (a, b) select i, md5(i::text) from generate_series(1, 1000) i order by i desc;
                insert into altered select i, case i when 500 then 'x' else md5(i::text) end from generate_series(1, 1000) i;
                insert into swapped values ('x', 'x'), ('y', 'y');
                insert into twice values (1, 'x'), (2, 'y'), (2, 'y');
                insert into nulls values (1, '');
                insert into none select from generate_series(1, 3);
                """);
    }

    @ParameterizedTest
    @EnumSource
    void rows_are_the_same_in_whatever_order_they_and_their_columns_are(RowHash hash) throws Exception {
        Map<String, String> here = fingerprints("here", hash);
        Map<String, String> there = fingerprints("there", hash);

        assertThat(here.get("public.same")).matches("1000:-?\\d+").isEqualTo(there.get("public.same"));
        assertThat(here.get("public.none")).isEqualTo(there.get("public.none"));
        assertThat(here.get("public.of_domain"))
                .as("values that print alike, of other types")
                .isEqualTo(there.get("public.of_domain"));
    }

    @ParameterizedTest
    @EnumSource
    void a_value_a_pair_a_duplicate_and_a_null_make_a_difference(RowHash hash) throws Exception {
        Map<String, String> here = fingerprints("here", hash);
        Map<String, String> there = fingerprints("there", hash);

        for (String table : new String[] {"altered", "swapped", "exchanged", "twice", "nulls"}) {
            assertThat(here.get("public." + table)).isNotEqualTo(there.get("public." + table));
        }
    }

    @ParameterizedTest
    @MethodSource("io.github.pgbackup.test.Programs#majors")
    void the_fast_hashes_give_the_same_values_in_all_major_versions(Programs programs) throws Exception {
        try (ProductionServer other = ProductionServer.start(programs.bin());
                Session here = session(PRODUCTION, "postgres");
                Session there = session(other, "postgres")) {
            boolean old = Integer.parseInt(String.valueOf(there.text("show server_version_num"))) < 14_00_00;
            assertThat(RowHash.common(here, there))
                    .isEqualTo(RowHash.common(there, here))
                    .isEqualTo(old ? RowHash.HASH_TEXT_EXTENDED : RowHash.HASH_RECORD_EXTENDED);
            assertThat(RowHash.HASH_TEXT_EXTENDED.probe(there)).isEqualTo(RowHash.HASH_TEXT_EXTENDED.probe(here));
        }
    }

    /** Each pair of values is equal by its type's operator, and therefore has the same hash there. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "numeric       | 1.0                | 1.00",
                "numeric[]     | {1.0}              | {1.00}",
                "jsonb         | {\"a\": 1.0}        | {\"a\": 1.00}",
                "json          | {\"a\":1}          | {\"a\": 1}",
                "float8        | 0                  | -0",
                "float4        | 0                  | -0",
                "interval      | 1 day              | 24 hours",
                "timetz        | 12:00:00+00        | 13:00:00+01",
                "bpchar        | a                  | 'a '",
                "inet          | 10.0.0.1           | 10.0.0.1/24",
                "text collate caseless | a          | A",
                "regardless    | a                  | A",
                "ranges        | [1.0,2)            | [1.00,2)",
            })
    void values_that_are_equal_but_not_the_same_make_a_difference(String type, String one, String other)
            throws Exception {
        String database = "equal" + counter.incrementAndGet();
        PRODUCTION.createDatabase(database);
        PRODUCTION.execute(database, """
                create collation caseless (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
                create domain regardless as text collate caseless;
                create type ranges as range (subtype = numeric);
                """);
        PRODUCTION.execute(database, """
                create table one (v %1$s);
                insert into one values ('%2$s');
                create table other (v %1$s);
                insert into other values ('%3$s');
                """.formatted(type, one, other));
        for (RowHash hash : RowHash.values()) {
            Map<String, String> fingerprints = fingerprints(database, hash);
            assertThat(fingerprints.get("public.one")).as(hash.name()).isNotEqualTo(fingerprints.get("public.other"));
        }
    }

    @Test
    void servers_whose_fast_hashes_differ_use_md5() throws Exception {
        // Simulates a machine with the other byte order by replacing PostgreSQL's functions.
        PRODUCTION.createDatabase("elsewhere");
        PRODUCTION.execute("elsewhere", """
                alter function pg_catalog.hashtextextended(text, bigint) rename to hashtextextended_here;
                create function pg_catalog.hashtextextended(text, bigint) returns bigint language sql
                as 'select -pg_catalog.hashtextextended_here($1, $2)';
                alter function pg_catalog.hashint8extended(bigint, bigint) rename to hashint8extended_here;
                create function pg_catalog.hashint8extended(bigint, bigint) returns bigint language sql
                as 'select -pg_catalog.hashint8extended_here($1, $2)'
                """);
        try (Session here = session(PRODUCTION, "postgres");
                Session there = session(PRODUCTION, "elsewhere")) {
            assertThat(RowHash.common(here, there)).isEqualTo(RowHash.MD5);
        }
    }

    private static Map<String, String> fingerprints(String database, RowHash hash) throws SQLException {
        try (Session session = session(PRODUCTION, database)) {
            session.execute("begin isolation level repeatable read, read only");
            Map<TableName, TableObservation> observations =
                    DatabaseObservations.Tables.of(session).ask(session, hash, false);
            Map<String, String> fingerprints = new TreeMap<>();
            observations.forEach((name, observation) -> fingerprints.put(name.toString(), observation.fingerprint()));
            return fingerprints;
        }
    }

    private static Session session(ProductionServer server, String database) throws SQLException {
        return new Session(server.connect(database));
    }
}
