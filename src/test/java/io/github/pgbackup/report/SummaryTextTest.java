package io.github.pgbackup.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgbackup.evidence.VerificationReport;
import java.util.List;
import org.junit.jupiter.api.Test;

class SummaryTextTest {

    @Test
    void shows_verdict_facts_checks_and_stages() {
        assertThat(SummaryText.of(Reports.failed())).isEqualTo("""
                verify-backup: FAIL
                ================================================================================
                Run          2026-11-23T22:07:54.747Z, 2.7 s, plugin 1.0.0
                Run by       ci for ada, job https://ci.example/1, commit
                             1111111111111111111111111111111111111111
                Bound to     commit 1111111111111111111111111111111111111111 and 1 file
                Source       database directus on 127.0.0.1:5432, PostgreSQL 15.18
                             read as workflow_admin (superuser)
                             system identifier 7711492108134469752
                Snapshot     00000003-00000027-1 of 2026-11-23T22:07:55Z, held for 396 ms
                Archive      dump/directus_20261123T220754Z.dump
                Stored as    /backups/directus_20261123T220754Z.dump
                             /backups/directus_20261123T220754Z.roles.sql
                             /backups/directus_20261123T220754Z.dump.manifest.json
                SHA-256      %s
                             54,191 bytes, custom format 1.14, gzip
                             84 TOC entries, pg_dump 15.18, 210 ms
                Restored to  engine local (configured), PostgreSQL 15.18
                             TCP listeners: none
                             server process: 8431 has ended
                Backup's age 1.3 s when its restore began
                Restore      400 ms, 1 job, roles provision, pg_restore exited with 1 and
                             reported 1 error
                             first restored with 4 jobs in 300 ms; that restore changed or lost
                             TABLE DATA public.t
                Compared     rows: 10 objects of source and archive, 11 of archive and restored
                             database, 2,605 rows in 11 tables, 5 sequences
                Coverage     expectations cover 4 of 11 tables; the comparison covers all 11
                Production   snapshot session: no transaction id was assigned
                Warning      Something to know.

                Checks: 1 passed, 1 failed
                --------------------------------------------------------------------------------
                FAILED  table public.units: rows
                          expected 86 | archive 86 | restored 85 | source - (not asked)
                ok      identity: database
                          expected directus | actual directus

                Errors of pg_restore by their effect
                --------------------------------------------------------------------------------
                - harmless: ACL public.t: role "x" does not exist (nothing is missing)

                This backup does not contain
                --------------------------------------------------------------------------------
                - Other databases of the server. Each needs a backup of its own.

                Not tested
                --------------------------------------------------------------------------------
                - Applications: none was run against the restored database.

                Queries
                --------------------------------------------------------------------------------
                - units: select count(*) from units
                - own (as app): select count(*) from units

                Stages
                --------------------------------------------------------------------------------
                        +0 ms        300 ms  guard
                """.formatted(Reports.SHA256));
    }

    @Test
    void says_what_is_wrong_with_a_configuration_line_by_line() {
        VerificationReport report =
                VerificationReport.invalid("1.0.0", List.of("<source><url> is missing.", "<identity> is odd."));

        assertThat(SummaryText.of(report))
                .startsWith("verify-backup: NOT_VERIFIED\n")
                .contains("""
                Not verified The configuration has 2 problems:
                             - <source><url> is missing.
                             - <identity> is odd.
                """);
    }

    @Test
    void fits_a_terminal_of_eighty_columns() {
        assertThat(SummaryText.of(Reports.failed()).lines())
                .allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(80));
    }

    @Test
    void an_existing_archive_is_shown_with_its_baseline() {
        assertThat(SummaryText.of(Reports.ofArchive())).contains("""
                Archive      /backups/directus.dump.gz
                             the newest of 3 that match /backups/directus*
                             custom in gzip, of database directus, PostgreSQL 15.18
                             taken at 2026-11-23T03:00:01 by the clock of the machine that took
                             it
                Files        /backups/directus.schema.gz, custom in gzip, 1.0 kB
                """, """
                Baseline     none: there was nothing to compare the archive with
                Restored     86 rows in 1 table, 1 object, as archived
                """);
    }

    @Test
    void an_archive_with_a_manifest_is_shown_with_its_baseline() {
        assertThat(SummaryText.of(Reports.ofManifest())).contains("""
                Manifest     /backups/directus.dump.gz.manifest.json
                """, """
                Baseline     manifest: exactly what the source held when the archive was taken
                """);
    }
}
