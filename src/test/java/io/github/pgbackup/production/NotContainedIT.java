package io.github.pgbackup.production;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgbackup.comparison.ForeignReads;
import io.github.pgbackup.postgres.Session;
import io.github.pgbackup.test.ProductionServer;
import io.github.pgbackup.test.Programs;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Everything that a dump leaves out is listed, whatever the role may read. */
final class NotContainedIT {

    @ParameterizedTest
    @MethodSource("io.github.pgbackup.test.Programs#majors")
    void foreign_rows_materialized_rows_rows_of_extensions_and_subscriptions_are_listed(Programs programs)
            throws Exception {
        try (ProductionServer production = ProductionServer.start(programs.bin())) {
            production.execute("postgres", """
                    create foreign data wrapper elsewhere;
                    create server elsewhere foreign data wrapper elsewhere;
                    create foreign table "Remote" (a int) server elsewhere;
                    create materialized view totals as select 1 as total;
                    create subscription news connection 'dbname=x' publication p with (connect = false, slot_name = none, enabled = false);
                    create extension hstore;
                    create table "Kept by hand" as select i from generate_series(1, 1000) i;
                    alter extension hstore add table "Kept by hand";
                    create role reader login password 'secret';
                    """);

            assertThat(listed(new Session(production.connect("postgres"))))
                    .contains(
                            "Rows of foreign tables: public.\"Remote\". They are on other servers.",
                            "Rows of materialized views: public.totals. They were recomputed from the restored tables.",
                            "Rows of tables that belong to an extension:"
                                    + " public.\"Kept by hand\" (1000 rows). pg_dump leaves them out; after a restore,"
                                    + " these tables have the rows that CREATE EXTENSION inserts.",
                            "The state of 1 subscription. They are restored disabled.");
            assertThat(listed(new Session(production.connect("postgres", "reader", "secret"))))
                    .contains(
                            "1 subscription; only a superuser can dump them. Dump as a superuser, or create them again.");
        }
    }

    private static List<String> listed(Session session) throws Exception {
        try (session) {
            return NotContained.in(session, List.of(), ForeignReads.of(session));
        }
    }
}
