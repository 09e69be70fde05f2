package io.github.pgbackup.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgbackup.evidence.Check;
import io.github.pgbackup.evidence.Verdict;
import io.github.pgbackup.evidence.VerificationReport;
import io.github.pgbackup.test.ProductionServer;
import io.github.pgbackup.test.Programs;
import java.nio.file.Path;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Data that a database reads from other servers, which the throw-away server cannot reach. */
@Timeout(180)
final class OtherServersIT {

    @AutoClose
    private static final ProductionServer PRODUCTION =
            ProductionServer.start(Programs.newest().bin());

    @TempDir
    private Path directory;

    @BeforeAll
    static void create_a_database_that_reads_another_one() {
        PRODUCTION.createDatabase("stock");
        PRODUCTION.execute("stock", "create table items as select i as id from generate_series(1, 100) i");
        PRODUCTION.createDatabase("shop");
        PRODUCTION.execute("shop", """
                create extension postgres_fdw;
                create server remote foreign data wrapper postgres_fdw options (host '%s', port '%d', dbname 'stock');
                create user mapping for postgres server remote options (user 'postgres', password '%s');
                create foreign table items (id int) server remote options (schema_name 'public', table_name 'items');
                create view recent as select * from items where id > 90;
                create materialized view "By view" as select count(*) as n from recent;
                create materialized view by_materialized_view as select n + 1 as n from "By view";
                create unique index by_view_n on "By view" (n);
                create table parent (id int) partition by list (id);
                create foreign table child partition of parent for values in (1)
                    server remote options (schema_name 'public', table_name 'items');
                create materialized view by_partition as select count(*) as n from parent;
                create function read_items() returns bigint language sql return (select count(*) from items);
                create materialized view by_parsed_function as select read_items() as n;
                create function hide_items() returns bigint language plpgsql as $$begin
                    return (select count(*) from public.items); end$$;
                create materialized view by_hidden_function as select hide_items() as n;
                create table own as select 1 as id;
                create materialized view of_its_own as select count(*) as n from own;
                """.formatted(PRODUCTION.host(), PRODUCTION.port(), PRODUCTION.password()));
    }

    @Test
    void materialized_views_that_read_foreign_tables_are_listed_as_not_contained() {
        VerificationReport report = run().run();

        BackupVerificationIT.assertPassed(report);
        assertThat(report.acquired().doesNotContain())
                .contains(
                        "Rows of materialized views that read foreign tables: public.\"By view\","
                                + " public.by_materialized_view, public.by_parsed_function, public.by_partition. They"
                                + " were not computed here, because the throw-away server cannot reach other servers; run"
                                + " REFRESH MATERIALIZED VIEW where they can be reached.",
                        "Rows of materialized views: public.by_hidden_function, public.of_its_own. They were recomputed"
                                + " from the restored tables.");
        assertThat(report.checked().comparison().orElseThrow().notes())
                .contains(
                        "MATERIALIZED VIEW DATA public.by_hidden_function: not populated, because it reads another server,"
                                + " which the throw-away server cannot reach");
        assertThat(report.restored().errors())
                .filteredOn(error -> error.entry().startsWith("MATERIALIZED VIEW DATA"))
                .hasSize(5)
                .allSatisfy(error -> {
                    assertThat(error.harmless()).isTrue();
                    assertThat(error.reason())
                            .isEqualTo("it reads another server, which the throw-away server cannot reach; the view"
                                    + " itself is there");
                });
    }

    @Test
    void indexes_of_these_views_and_other_views_are_compared() {
        VerificationReport report =
                run().onRestored(session -> session.execute("""
                        drop index public.by_view_n; refresh materialized view public.of_its_own with no data""")).run();

        assertThat(report.problemText()).isEmpty();
        assertThat(report.failedChecks())
                .extracting(Check::name)
                .contains("INDEX public.by_view_n", "MATERIALIZED VIEW DATA public.of_its_own");
        assertThat(report.verdict()).isEqualTo(Verdict.FAIL);
    }

    private VerificationRun run() {
        return VerificationRun.of(PRODUCTION, "shop", directory);
    }
}
