package io.github.pgbackup.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgbackup.evidence.VerificationReport;
import io.github.pgbackup.test.ProductionServer;
import io.github.pgbackup.test.Programs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The role that the README creates can dump and compare everything, and write nothing. */
final class ReadmeRoleIT {

    private static final Pattern SQL = Pattern.compile("(?ms)^```sql\n(.*?)^```$");
    private static final int FIRST_WITH_READ_ALL_DATA = 14;
    private static final int FIRST_TO_READ_ALL_LARGE_OBJECTS = 19;

    @TempDir
    private Path directory;

    @ParameterizedTest
    @MethodSource("io.github.pgbackup.test.Programs#majors")
    void it_can_dump_and_compare_everything(Programs programs) throws IOException {
        List<String> readme = SQL.matcher(Files.readString(Path.of("README.md")))
                .results()
                .map(block -> block.group(1))
                .toList();
        assertThat(readme).hasSize(3);
        int major = programs.major();

        try (ProductionServer production = ProductionServer.start(programs.bin(), "postgres")) {
            production.createDatabase("directus");
            production.execute("postgres", "create role workflow_admin login; create role tenant");
            production.execute("directus", """
                    grant create on database directus to workflow_admin;
                    create schema "Private" authorization workflow_admin;
                    set role workflow_admin;
                    create table "Private".orders (id serial primary key, owner name, note text);
                    insert into "Private".orders (owner, note) values ('tenant', 'a'), ('nobody', 'b');
                    alter table "Private".orders enable row level security;
                    create policy own on "Private".orders to tenant using (owner = current_user);
                    create materialized view "Private".owners as select owner from "Private".orders;
                    create view "Private".notes as select note from "Private".orders;
                    create function "Private".hidden() returns int language sql as 'select 1';
                    revoke execute on function "Private".hidden() from public;
                    reset role;
                    create extension hstore;
                    create table public.settings (h hstore);
                    insert into public.settings values ('a=>1');
                    select lo_from_bytea(4711, 'large');
                    """);

            production.execute("directus", readme.get(major < FIRST_WITH_READ_ALL_DATA ? 1 : 0));
            if (major < FIRST_TO_READ_ALL_LARGE_OBJECTS) {
                production.execute("directus", readme.get(2));
            }
            production.execute("directus", """
                    set role workflow_admin;
                    create schema later; create table later.added (id serial, a int); insert into later.added (a) values (1);
                    """);

            VerificationReport report = VerificationRun.of(production, "directus", directory)
                    .as("backup_verifier", "choose one")
                    .with("comparison", "content")
                    .run();

            BackupVerificationIT.assertPassed(report);
            assertThat(report.checked().comparison().orElseThrow().rows()).isEqualTo(4);
            assertThat(production.query("directus", """
                            select has_table_privilege('backup_verifier', '"Private".orders', 'INSERT')
                                or has_schema_privilege('backup_verifier', 'Private', 'CREATE')
                            """)).isEqualTo("f");
        }
    }
}
