package io.github.pgbackup.run;

import static io.github.pgbackup.run.VerificationRun.assertPassed;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgbackup.evidence.Verdict;
import io.github.pgbackup.evidence.VerificationReport;
import io.github.pgbackup.test.Archives;
import io.github.pgbackup.test.Docker;
import io.github.pgbackup.test.ProductionContainer;
import io.github.pgbackup.test.ProductionServer;
import io.github.pgbackup.test.Programs;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The container engine with an image that has musl and busybox, like the Alpine variants of the official images. */
@Timeout(90)
final class MuslImageIT {

    private static final String SHOP = """
            create table orders (id int generated always as identity primary key, note text not null, tags text[]);
            insert into orders (note, tags)
                select v || g, array[v, g::text] from generate_series(1, 500) g, unnest(array['a', 'B', 'é', 'Ö']) v;
            create unique index on orders (note);
            create index on orders (lower(note));
            create materialized view latest as select max(note) as note from orders;
            create function first_order() returns text language plpgsql as $$begin
                return (select min(note) from public.orders); end$$;
            """;

    @TempDir
    private Path directory;

    @BeforeAll
    static void require_the_image() {
        Docker.require(Docker.MUSL);
    }

    private static ProductionServer server() {
        return ProductionServer.start(Programs.ofMajor(15).bin());
    }

    /** A server with a database that sorts and converts text by the rules of glibc. */
    private static ProductionServer ofGlibc() {
        ProductionServer production = server();
        production.execute("postgres", "create database shop template template0 locale 'en_US.utf8'");
        production.execute("shop", SHOP);
        return production;
    }

    private static VerificationRun withImage(VerificationRun run) {
        return run.with("restore.engine", "container").with("restore.image", Docker.MUSL);
    }

    @Test
    void a_container_of_it_is_dumped_by_its_own_client_and_restored() {
        String name = "pgtest-" + UUID.randomUUID().toString().substring(0, 8);
        try (ProductionContainer production = ProductionContainer.start(Docker.MUSL, name, "workflow_admin")) {
            production.createDatabase("shop");
            production.query("shop", SHOP);

            VerificationReport report = withImage(VerificationRun.inContainer(name, "shop", directory))
                    .with("comparison", "content")
                    .with("identity.container", name)
                    .run();

            assertPassed(report);
            assertThat(report.restored().target().orElseThrow().isolation())
                    .containsEntry("network interfaces", "lo")
                    .containsEntry("TCP listeners in the container", "127.0.0.1:5432");
        }
    }

    /** musl accepts any locale name, but sorts by code point. */
    @Test
    void a_database_from_glibc_passes_and_is_sorted_differently() {
        try (ProductionServer production = ofGlibc()) {
            assertThat(production.query("shop", "select 'a' < 'B'")).isEqualTo("t");

            assertPassed(withImage(VerificationRun.of(production, "shop", directory))
                    .with("comparison", "content")
                    .expect(QueryTag.of("order", "select 'a' < 'B'", "false"))
                    .run());
        }
    }

    @Test
    void values_that_only_musl_computes_fail() {
        try (ProductionServer production = ofGlibc()) {
            production.execute("shop", """
                    create table streets (name text, large text generated always as (upper(name)) stored);
                    insert into streets (name) values ('Weißstraße')""");

            VerificationReport report = withImage(VerificationRun.of(production, "shop", directory))
                    .with("comparison", "content")
                    .run();

            assertThat(report.verdict()).isEqualTo(Verdict.FAIL);
            assertThat(report.failedChecks())
                    .singleElement()
                    .satisfies(check -> assertThat(check.sentence())
                            .startsWith("comparison: TABLE DATA public.streets generated columns: expected the values"
                                    + " that the source has stored,")
                            .contains("actual other values, as the restore has computed them,"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"custom", "plain"})
    void an_existing_archive_is_restored_in_it(String format) throws Exception {
        Path archive = directory.resolve("shop." + format);
        try (ProductionServer production = server()) {
            production.createDatabase("shop");
            production.execute("shop", SHOP);
            new Archives(Programs.ofMajor(15).bin(), production)
                    .dump("shop", archive, "--create", "--format=" + format);
        }

        assertPassed(
                withImage(VerificationRun.ofArchive(archive, "shop", directory)).run());
    }
}
