package io.github.pgbackup.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.archive.Archive;
import io.github.pgbackup.archive.ArchiveFormat;
import io.github.pgbackup.archive.Compression;
import io.github.pgbackup.archive.Entry;
import io.github.pgbackup.archive.PgDump;
import io.github.pgbackup.archive.TableOfContents;
import io.github.pgbackup.postgres.Client;
import io.github.pgbackup.postgres.Command;
import io.github.pgbackup.postgres.Installation;
import io.github.pgbackup.postgres.PostgresVersion;
import io.github.pgbackup.postgres.Session;
import io.github.pgbackup.test.Contents;
import io.github.pgbackup.test.ProductionServer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class PgRestoreIT {

    @AutoClose
    static final ProductionServer PRODUCTION = ProductionServer.start();

    @AutoClose
    static final ProductionServer TARGET = ProductionServer.start();

    @TempDir
    static Path archives;

    private static Archive archive;

    @TempDir
    Path directory;

    @BeforeAll
    static void an_archive() throws Exception {
        PRODUCTION.createDatabase("shop");
        PRODUCTION.execute("shop", """
                create role "My App" login createdb;
                create role staff noinherit;
                grant staff to "My App" with admin option;
                grant pg_monitor to "My App";
                create schema app authorization "My App";
                create table app.orders (id integer, note text, check (note <> 'bad'));
                alter table app.orders owner to "My App";
                insert into app.orders select i, 'canary' || i % 500 from generate_series(1, 1000) i;
                create table app.twice (note text);
                insert into app.twice values ('canary'), ('canary');
                create index orders_id on app.orders (id);
                create index orders_note on app.orders (note);
                create index twice_note on app.twice (note);
                create index twice_length on app.twice (length(note));
                create materialized view app.settings as
                    select current_setting('maintenance_work_mem') as memory,
                        current_setting('max_parallel_maintenance_workers') as workers;
                alter table app.orders enable row level security;
                create policy staff_only on app.orders to staff using (note = 'x');
                grant select on app.orders to staff;
                """);
        try (Connection exporting = PRODUCTION.connect("shop")) {
            exporting.setAutoCommit(false);
            exporting.createStatement().execute("set transaction isolation level repeatable read, read only");
            String snapshot;
            try (var rows = exporting.createStatement().executeQuery("select pg_export_snapshot()")) {
                rows.next();
                snapshot = rows.getString(1);
            }
            archive = new PgDump(
                            new Installation(PRODUCTION.bin(), version()),
                            environment(PRODUCTION, "shop"),
                            snapshot,
                            ArchiveFormat.CUSTOM,
                            Compression.parse("none"),
                            1,
                            Duration.ofSeconds(10))
                    .run(archives.resolve("shop.dump"), archives.resolve("pg_dump.log"), bytes -> {}, line -> {});
        }
    }

    @Test
    void a_restore_without_the_roles_ties_each_error_to_its_entry() throws Exception {
        TARGET.execute("postgres", "drop database if exists shop");

        RestoreResult result = restore(PgRestore.Roles.OMIT, 1);

        Entry policy = entry("POLICY");
        assertThat(result.exitStatus()).isEqualTo(1);
        assertThat(result.reachedTheEnd()).isTrue();
        assertThat(result.miscount()).isEmpty();
        assertThat(result.unknownLines()).isEmpty();
        assertThat(result.duration()).isPositive();
        assertThat(result.errors())
                .containsExactly(new RestoreError(
                        policy.dumpId(),
                        RestoreError.Phase.PROCESSING_TOC,
                        "3256 " + policy.oid() + " POLICY orders staff_only My App",
                        "could not execute query: ERROR:  role \"staff\" does not exist",
                        null,
                        policy.definition().strip()));
        assertThat(TARGET.query("shop", "select count(*) from app.orders")).isEqualTo("1000");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void a_restore_with_provisioned_roles_has_no_error_and_restores_the_owners(int jobs) throws Exception {
        TARGET.execute("postgres", "drop database if exists shop");
        try {
            List<Role> roles;
            try (Session source = new Session(PRODUCTION.connect("shop"))) {
                roles = RoleProvisioning.rolesOf(source, version());
            }
            List<String> statements = RoleProvisioning.statements(roles, version(), Set.of("postgres", "pg_monitor"));
            for (String statement : statements) {
                TARGET.execute("postgres", statement);
            }

            RestoreResult result = restore(PgRestore.Roles.PROVISION, jobs);

            assertThat(result.errors()).isEmpty();
            assertThat(result.exitStatus()).isZero();
            assertThat(result.miscount()).isEmpty();
            assertThat(TARGET.query("shop", "select tableowner from pg_tables where tablename = 'orders'"))
                    .isEqualTo("My App");
            try (Session target = new Session(TARGET.connect("shop"))) {
                List<Role> restored = RoleProvisioning.rolesOf(target, version());
                assertThat(restored).hasSameSizeAs(roles);
                for (int i = 0; i < roles.size(); i++) {
                    assertThat(restored.get(i))
                            .usingRecursiveComparison()
                            .ignoringFields("login")
                            .isEqualTo(roles.get(i));
                }
            }
        } finally {
            TARGET.execute("postgres", "drop database if exists shop");
            TARGET.execute("postgres", "drop role if exists \"My App\", staff");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void errors_about_rows_are_tied_to_their_entries_and_quote_none(int jobs) throws Exception {
        TARGET.execute("postgres", "drop database if exists shop");
        // The archive contains a different check, of the same length, which the rows violate.
        Path broken = directory.resolve("broken.dump");
        String bytes = Files.readString(archive.path(), StandardCharsets.ISO_8859_1);
        Files.writeString(
                broken, bytes.replace("note <> 'bad'::text", "note <  'bad'::text"), StandardCharsets.ISO_8859_1);
        Archive changed =
                new Archive(broken, archive.sha256(), archive.size(), archive.members(), TableOfContents.read(broken));

        RestoreResult result = new PgRestore(client(TARGET), "postgres", PgRestore.Roles.OMIT, jobs)
                .run(changed, directory.resolve("pg_restore.log"), line -> {});

        assertThat(result.miscount()).isEmpty();
        RestoreError copy = result.errors().stream()
                .filter(error -> error.message().startsWith("COPY failed"))
                .findFirst()
                .orElseThrow();
        assertThat(copy.dumpId())
                .isEqualTo(archive.contents().entries().stream()
                        .filter(entry -> entry.isTableData() && entry.tag().equals("orders"))
                        .findFirst()
                        .orElseThrow()
                        .dumpId());
        assertThat(copy.detail()).isEqualTo("DETAIL:  (omitted: it may quote a row)\nCONTEXT:  COPY orders, line 1");
        assertThat(Files.readString(directory.resolve("pg_restore.log"))).doesNotContain("canary");
        assertThat(result.toString()).doesNotContain("canary");
    }

    /** They write to one standard error, part by part: without reassembly, several of 300 messages are lost. */
    @Test
    void no_error_is_lost_among_the_messages_of_several_jobs() throws Exception {
        PRODUCTION.createDatabase("mixed");
        PRODUCTION.execute("mixed", """
                create table orders (id integer);
                do $$ begin
                    for i in 1..300 loop
                        execute format('create policy p%1$s on orders to staff using (id = %1$s)', i);
                        execute format('create table t%1$s as select 1 as id', i);
                        execute format('create index on t%1$s (id)', i);
                    end loop;
                end $$;
                """);
        Path dump = directory.resolve("mixed.dump");
        int status = new Installation(PRODUCTION.bin(), version())
                .command("pg_dump")
                .environment("PGPASSWORD", PRODUCTION.password())
                .arguments("--format=custom", "--host=127.0.0.1", "--port=" + PRODUCTION.port())
                .arguments("--username=" + PRODUCTION.superuser(), "--file=" + dump, "mixed")
                .run();
        assertThat(status).isZero();
        Archive mixed =
                new Archive(dump, archive.sha256(), archive.size(), archive.members(), TableOfContents.read(dump));

        RestoreResult result = new PgRestore(client(TARGET), "postgres", PgRestore.Roles.OMIT, 8)
                .run(mixed, directory.resolve("pg_restore.log"), line -> {});

        assertThat(result.errors())
                .hasSize(300)
                .allMatch(error ->
                        error.message().equals("could not execute query: ERROR:  role \"staff\" does not exist"))
                .allMatch(error -> error.entry().contains(" POLICY orders p"));
        assertThat(Files.readAllLines(directory.resolve("pg_restore.log")))
                .noneMatch(line -> line.matches(".*pg_restore:.*pg_restore:.*"));
    }

    /** The materialized view contains the settings of the session that refreshed it. */
    @ParameterizedTest
    @CsvSource({"1, 2", "2, 0", "4, 0", "5, 2"})
    void when_there_are_enough_indexes_for_all_jobs_each_is_built_by_one_process(int jobs, String workers)
            throws Exception {
        TARGET.execute("postgres", "drop database if exists shop");

        restore(PgRestore.Roles.OMIT, jobs);

        assertThat(TARGET.query("shop", "select workers from app.settings")).isEqualTo(workers);
    }

    @ParameterizedTest
    @CsvSource({
        "4, btree, 0, 8MB",
        "4, gin, 0, 8MB",
        "4, gist, 0, 64MB",
        "4, hnsw, 0, 64MB",
        "1, btree, 0, 64MB",
        "4, btree, 34359738368, 128MB",
        "1, btree, 34359738368, 128MB",
        "4, btree, 1099511627776, 256MB"
    })
    void the_memory_for_an_index_suits_jobs_access_methods_and_archive(
            int jobs, String method, long bytes, String memory) throws Exception {
        TARGET.execute("postgres", "drop database if exists shop");
        Entry[] indexes = IntStream.rangeClosed(1, 4)
                .mapToObj(id ->
                        Contents.entry(id, "INDEX", "i", "CREATE INDEX i ON public.t USING " + method + " (id);\n"))
                .toArray(Entry[]::new);
        Archive ofThatSize =
                new Archive(archive.path(), archive.sha256(), bytes, archive.members(), Contents.of(indexes));

        new PgRestore(client(TARGET), "postgres", PgRestore.Roles.OMIT, jobs)
                .run(ofThatSize, directory.resolve("pg_restore.log"), line -> {});

        assertThat(TARGET.query("shop", "select memory from app.settings")).isEqualTo(memory);
    }

    @Test
    void a_missing_server_cannot_be_verified() {
        PgRestore restore = new PgRestore(client(TARGET, 1), "postgres", PgRestore.Roles.OMIT, 1);
        assertThatThrownBy(() -> restore.run(archive, directory.resolve("pg_restore.log"), line -> {}))
                .isInstanceOf(CannotVerifyException.class)
                .hasMessageStartingWith("pg_restore could not connect to the throw-away server: connection to server ")
                .hasMessageEndingWith("Read logs/server.log: the server may have ended.");
    }

    private RestoreResult restore(PgRestore.Roles roles, int jobs) throws InterruptedException {
        return new PgRestore(client(TARGET), "postgres", roles, jobs)
                .run(archive, directory.resolve("pg_restore.log"), line -> {});
    }

    private static Entry entry(String description) {
        List<Entry> entries = new ArrayList<>(archive.contents().entries());
        entries.removeIf(entry -> !entry.description().equals(description));
        assertThat(entries).hasSize(1);
        return entries.get(0);
    }

    private static Client client(ProductionServer server) {
        return client(server, server.port());
    }

    private static Client client(ProductionServer server, int port) {
        return new Client() {
            @Override
            public Command command(String program) {
                Command command = Command.of(server.bin().resolve(program));
                environment(server, "postgres").forEach(command::environment);
                return command.environment("PGPORT", "" + port);
            }

            @Override
            public String pathFor(Path file) {
                return file.toString();
            }
        };
    }

    private static Map<String, String> environment(ProductionServer server, String database) {
        return Map.of(
                "PGHOST", server.host(),
                "PGPORT", Integer.toString(server.port()),
                "PGDATABASE", database,
                "PGUSER", server.superuser(),
                "PGPASSWORD", server.password());
    }

    private static PostgresVersion version() {
        return PostgresVersion.parse(PRODUCTION.query("postgres", "show server_version"));
    }
}
