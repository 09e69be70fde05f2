package io.github.pgbackup.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.Console;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@DisabledOnOs(OS.WINDOWS)
class InstallationsTest {

    @TempDir
    private Path directory;

    private final List<String> debugged = new ArrayList<>();

    @Test
    void a_client_of_the_servers_major_version_is_preferred_to_a_newer_one() throws Exception {
        Installations installations =
                new Installations(List.of(), List.of(client("17.2"), client("15.3"), client("16.1")));

        assertThat(installations.client(PostgresVersion.parse("15.18")))
                .hasValueSatisfying(client -> assertThat(client.version()).hasToString("15.3"));
    }

    @Test
    void the_nearest_newer_client_is_taken_if_none_has_the_servers_major_version() throws Exception {
        Installations installations =
                new Installations(List.of(), List.of(client("18.1"), client("14.3"), client("16.1")));

        assertThat(installations.client(PostgresVersion.parse("15.18")))
                .hasValueSatisfying(client -> assertThat(client.version()).hasToString("16.1"));
    }

    @Test
    void a_client_older_than_the_server_is_never_taken() throws Exception {
        Installations installations = new Installations(List.of(client("14.3")), List.of(client("13.1")));

        assertThat(installations.client(PostgresVersion.parse("15.18"))).isEmpty();
    }

    /**
     * Servers since 15.20 stamp columns with an option that pg_dump 15 omits, pg_dump 18 writes, and no server accepts.
     */
    @Test
    void a_client_of_the_servers_major_version_comes_before_a_newer_one_that_is_configured() throws Exception {
        Installations installations =
                new Installations(List.of(client("18.6")), List.of(client("17.2"), client("15.3")));

        assertThat(installations.client(PostgresVersion.parse("15.20")))
                .hasValueSatisfying(client -> assertThat(client.version()).hasToString("15.3"));
    }

    @Test
    void a_configured_client_comes_first_among_those_of_the_servers_major_version() throws Exception {
        Installations installations = new Installations(List.of(client("15.3")), List.of(client("15.18")));

        assertThat(installations.client(PostgresVersion.parse("15.18")))
                .hasValueSatisfying(client -> assertThat(client.version()).hasToString("15.3"));
    }

    @Test
    void a_configured_client_comes_first_among_newer_ones() throws Exception {
        Installations installations = new Installations(List.of(client("17.2")), List.of(client("16.3")));

        assertThat(installations.client(PostgresVersion.parse("15.18")))
                .hasValueSatisfying(client -> assertThat(client.version()).hasToString("17.2"));
    }

    @Test
    void a_server_has_exactly_the_major_version() throws Exception {
        Path bin = programs("16.15", "initdb", "postgres");
        Installations installations = find(List.of(bin), "");

        assertThat(installations.server(16)).contains(new Installation(bin, PostgresVersion.parse("16.15")));
        assertThat(installations.server(42)).isEmpty();
        assertThat(installations.all().get(0).hasClient()).isFalse();
        assertThat(installations.all().get(0)).hasToString("16.15 in " + bin + " (server only)");
    }

    @Test
    void configured_directories_come_first_then_PATH() throws Exception {
        Path configured = programs("15.1", "pg_dump", "pg_restore");
        Path onPath = programs("16.2", "pg_dump", "pg_restore", "initdb", "postgres");

        Installations installations =
                find(List.of(configured), directory.resolve("gone") + ":" + onPath + ":" + configured);

        assertThat(installations.all().subList(0, 2))
                .extracting(Installation::toString)
                .containsExactly(
                        "15.1 in " + configured + " (client only)", "16.2 in " + onPath + " (client and server)");
        assertThat(debugged).contains("Found PostgreSQL 15.1 in " + configured + " (client only).");
    }

    @Test
    void debians_wrapper_is_skipped() throws Exception {
        Path wrapper = Files.createFile(
                directory.resolve("pg_wrapper"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
        Path bin = Files.createDirectory(directory.resolve("bin"));
        Files.createSymbolicLink(bin.resolve("pg_dump"), wrapper);
        Files.createSymbolicLink(bin.resolve("pg_restore"), wrapper);

        Installations installations = find(List.of(), bin.toString());

        assertThat(installations.all())
                .noneMatch(installation -> installation.bin().equals(bin));
        assertThat(debugged)
                .contains("No PostgreSQL in " + bin
                        + ": its pg_dump is Debian's pg_wrapper, which selects a version by itself.");
    }

    @Test
    void a_directory_of_links_stands_for_the_installation_to_which_they_point() throws Exception {
        Path bin = programs("16.2", "pg_dump", "pg_restore", "initdb", "postgres");
        Path links = Files.createDirectory(directory.resolve("links"));
        Files.createSymbolicLink(links.resolve("initdb"), bin.resolve("initdb"));
        Files.createSymbolicLink(links.resolve("postgres"), bin.resolve("postgres"));

        Installations installations = find(List.of(), links + ":" + bin);

        assertThat(installations.all())
                .filteredOn(installation -> installation.bin().startsWith(directory))
                .extracting(Installation::toString)
                .containsExactly("16.2 in " + bin + " (client and server)");
    }

    @Test
    void a_configured_directory_without_programs_is_an_error_that_names_the_tag() {
        assertThatThrownBy(() -> find(List.of(directory), ""))
                .isInstanceOf(CannotVerifyException.class)
                .hasMessage("Found no working PostgreSQL programs in " + directory
                        + ": it contains neither pg_dump and pg_restore nor initdb and postgres."
                        + " Name the directory that holds PostgreSQL's programs (pg_dump, pg_restore; initdb and postgres"
                        + " for a server) with <binDirectory> or -Dpgbackup.binDirectory.");
    }

    @Test
    void a_configured_directory_that_does_not_exist_is_an_error() {
        Path gone = directory.resolve("gone");

        assertThatThrownBy(() -> find(List.of(gone), ""))
                .isInstanceOf(CannotVerifyException.class)
                .hasMessageStartingWith(
                        "Found no working PostgreSQL programs in " + gone + ": the directory does not exist. ");
    }

    @Test
    void a_configured_program_that_does_not_run_is_an_error_with_its_own_words() throws Exception {
        Path bin = directory.resolve("broken");
        Files.createDirectory(bin);
        script(bin.resolve("pg_dump"), "echo 'libpq.so.5: cannot open shared object file' >&2; exit 127");
        script(bin.resolve("pg_restore"), "exit 0");

        assertThatThrownBy(() -> find(List.of(bin), ""))
                .isInstanceOf(CannotVerifyException.class)
                .hasMessageStartingWith("Found no working PostgreSQL programs in " + bin + ": " + bin.resolve("pg_dump")
                        + " --version exited with status 127: libpq.so.5: cannot open shared object file. ");
    }

    @Test
    void what_was_found_can_be_listed_in_a_message() throws Exception {
        Installation older = client("13.1");
        Installation old = client("14.3");

        assertThat(new Installations(List.of(), List.of(older, old)))
                .hasToString("13.1 in " + older.bin() + " (client only), 14.3 in " + old.bin() + " (client only)");
        assertThat(new Installations(List.of(), List.of())).hasToString("none");
    }

    private Installations find(List<Path> configured, String path) throws InterruptedException {
        return Installations.find(configured, Map.of("PATH", path), new Console() {
            @Override
            public void info(String line) {}

            @Override
            public void warn(String line) {}

            @Override
            public void debug(String line) {
                debugged.add(line);
            }
        });
    }

    private Installation client(String version) throws IOException {
        return new Installation(programs(version, "pg_dump", "pg_restore"), PostgresVersion.parse(version));
    }

    private Path programs(String version, String... names) throws IOException {
        Path bin = Files.createDirectories(directory.resolve(version).resolve("bin"));
        for (String name : names) {
            script(bin.resolve(name), "echo '" + name + " (PostgreSQL) " + version + "'");
        }
        return bin;
    }

    private static void script(Path file, String body) throws IOException {
        Files.writeString(file, "#!/bin/sh\n" + body + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
}
