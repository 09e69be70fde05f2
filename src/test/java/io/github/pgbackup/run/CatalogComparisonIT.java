package io.github.pgbackup.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgbackup.archive.Entry;
import io.github.pgbackup.archive.TableOfContents;
import io.github.pgbackup.comparison.CatalogComparison;
import io.github.pgbackup.comparison.Difference;
import io.github.pgbackup.comparison.SourceCatalog;
import io.github.pgbackup.comparison.SourceCatalog.SourceObject;
import io.github.pgbackup.evidence.Check;
import io.github.pgbackup.evidence.Verdict;
import io.github.pgbackup.evidence.VerificationReport;
import io.github.pgbackup.postgres.Session;
import io.github.pgbackup.test.ProductionServer;
import io.github.pgbackup.test.Programs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A comparison with the source's catalogs notices everything that pg_dump leaves out. */
final class CatalogComparisonIT {

    /** Settings of the archive, and properties of another entry: no catalog has its own row for them. */
    private static final Set<String> NO_OBJECTS = Set.of(
            "ENCODING",
            "STDSTRINGS",
            "SEARCHPATH",
            "SEQUENCE OWNED BY",
            "DEFAULT",
            "SHELL TYPE",
            "MATERIALIZED VIEW DATA");

    @TempDir
    Path directory;

    @ParameterizedTest
    @MethodSource("io.github.pgbackup.test.Programs#majors")
    void each_missing_entry_is_noticed(Programs programs) throws Exception {
        try (ProductionServer production = production(programs.bin())) {
            OddDatabase.create(production, "odd");
            production.execute("odd", """
                    begin read write;
                    comment on column public.settings.a is 'a'; comment on constraint positive on public.parent is 'b';
                    comment on index public.parent_pkey is 'c'; comment on column public.pair.b is 'd';
                    comment on trigger disabled on public.parent is 'e'; comment on schema app is 'f';
                    comment on schema public is 'g'; comment on table public.settings is 'h';
                    commit;
                    """);
            TableOfContents archive = archive(production);
            SourceCatalog source;
            try (Session session = new Session(production.connect("odd"))) {
                session.execute("set search_path = ''");
                source = SourceCatalog.of(session);
            }
            assertThat(CatalogComparison.of(source, archive).differences()).isEmpty();

            List<String> unnoticed = new ArrayList<>();
            for (Entry entry : archive.entries()) {
                List<Entry> others = new ArrayList<>(archive.entries());
                others.remove(entry);
                boolean noticed = CatalogComparison.of(source, with(archive, others)).differences().stream()
                        .map(Difference::object)
                        .anyMatch(object -> object.equals(entry.object()) || object.startsWith(entry.description()));
                if (!noticed && isObject(entry, archive)) {
                    unnoticed.add(entry.object());
                }
            }
            assertThat(unnoticed).isEmpty();
        }
    }

    /** Privileges on an extension's objects depend on no entry. */
    private static boolean isObject(Entry entry, TableOfContents archive) {
        boolean ofExtension = entry.description().equals("ACL")
                && archive.entry(entry.dependencies().get(0)).isEmpty();
        return entry.section() != Entry.Section.DATA
                && !ofExtension
                && !NO_OBJECTS.contains(entry.description())
                && !entry.tag().startsWith("LARGE OBJECT")
                && !entry.description().startsWith("BLOB")
                && !entry.object().equals("SCHEMA public")
                && !entry.object().endsWith("SCHEMA public");
    }

    @Test
    void each_object_that_the_source_lacks_is_noticed() throws Exception {
        try (ProductionServer production = production(Programs.newest().bin())) {
            OddDatabase.create(production, "odd");
            TableOfContents archive = archive(production);
            SourceCatalog source;
            try (Session session = new Session(production.connect("odd"))) {
                session.execute("set search_path = ''");
                source = SourceCatalog.of(session);
            }
            Map<Long, Long> catalogs = source.objects().stream()
                    .collect(Collectors.groupingBy(SourceObject::catalog, Collectors.counting()));
            for (SourceObject object : source.objects()) {
                // A column, constraint or attachment has no entry of its own; the last row of a catalog describes it.
                if (!object.dumped()
                        || object.catalog() == 0
                        || object.inside() != 0
                        || catalogs.get(object.catalog()) == 1) {
                    continue;
                }
                List<SourceObject> others = new ArrayList<>(source.objects());
                others.remove(object);
                assertThat(CatalogComparison.of(new SourceCatalog(others, source.attachments()), archive)
                                .differences())
                        .as(object.toString())
                        .anyMatch(difference -> difference.object().endsWith(object.tag())
                                && difference.actual().equals("in the archive only"));
            }
        }
    }

    @Test
    void a_pg_dump_that_leaves_a_schema_out_fails() throws Exception {
        try (ProductionServer production = ProductionServer.start(filtering("--exclude-schema=archived"))) {
            production.createDatabase("shop");
            production.execute("shop", """
                    create table orders (id int);
                    create schema archived;
                    create table archived.orders (id int primary key, note text check (note <> ''));
                    create view archived.recent as select id from archived.orders;
                    comment on view archived.recent is 'of this year';
                    """);

            VerificationReport report = VerificationRun.of(production, "shop", directory)
                    .with("comparison", "schema")
                    .run();

            assertThat(report.problemText()).isEmpty();
            assertThat(report.verdict()).isEqualTo(Verdict.FAIL);
            assertThat(report.failedChecks().stream().map(Check::sentence))
                    .contains(
                            "comparison: SCHEMA archived: expected present, actual missing; source and archive: in the source only.",
                            "comparison: TABLE archived.orders: expected present, actual missing; source and archive: in the source only.",
                            "comparison: VIEW archived.recent: expected present, actual missing; source and archive: in the source only.",
                            "comparison: CONSTRAINT archived.orders orders_pkey: expected in source and archive, actual in the"
                                    + " source only.");
        }
    }

    private static ProductionServer production(Path bin) {
        ProductionServer production = ProductionServer.start(bin, "postgres", "wal_level=logical");
        production.load("postgres", "corpus/roles.sql");
        return production;
    }

    private TableOfContents archive(ProductionServer production) {
        TableOfContents[] archive = new TableOfContents[1];
        VerificationReport report = VerificationRun.of(production, "odd", directory)
                .with("comparison", "schema")
                .onArchive(path -> archive[0] = TableOfContents.read(path))
                .run();
        BackupVerificationIT.assertPassed(report);
        return archive[0];
    }

    private static TableOfContents with(TableOfContents archive, List<Entry> entries) {
        return new TableOfContents(
                archive.archiveVersion(),
                archive.format(),
                archive.compression(),
                archive.charset(),
                archive.encoding(),
                archive.createdAt(),
                archive.databaseName(),
                archive.serverVersion(),
                archive.dumpVersion(),
                entries);
    }

    /** The newest programs, with a pg_dump that adds a filter, like a wrapper script in a user's PATH. */
    private Path filtering(String filter) throws IOException {
        Path real = Programs.newest().bin();
        Path bin = Files.createDirectories(directory.resolve("bin"));
        try (Stream<Path> programs = Files.list(real)) {
            for (Path program : programs.toList()) {
                Path wrapper = bin.resolve(program.getFileName());
                String argument = wrapper.endsWith("pg_dump") ? filter : "";
                Files.writeString(wrapper, "#!/bin/sh\nexec '%s' \"$@\" %s\n".formatted(program, argument));
                Files.setPosixFilePermissions(wrapper, PosixFilePermissions.fromString("rwxr-xr-x"));
            }
        }
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        return bin;
    }
}
