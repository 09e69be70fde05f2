package io.github.pgbackup.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgbackup.Console;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CredentialsTest {

    private static final String FILE_PROPERTY = "org.postgresql.pgpassfile";

    @TempDir
    Path directory;

    private final List<String> warnings = new ArrayList<>();
    private final Console console = new Console() {
        @Override
        public void info(String line) {}

        @Override
        public void warn(String line) {
            warnings.add(line);
        }

        @Override
        public void debug(String line) {}
    };

    private Path file;

    @BeforeEach
    void name_a_password_file() throws IOException {
        file = Files.createFile(directory.resolve("pgpass"));
        System.setProperty(FILE_PROPERTY, file.toString());
    }

    @AfterEach
    void forget_the_password_file() {
        System.clearProperty(FILE_PROPERTY);
    }

    @Test
    void their_text_hides_the_password() {
        assertThat(new Credentials("bob", "s3cret")).hasToString("Credentials[user=bob, password=hidden]");
        assertThat(Credentials.NONE).hasToString("Credentials[user=null, password=none]");
    }

    @Test
    void the_environment_names_user_and_password() {
        assertThat(Credentials.ofEnvironment(Map.of("PGBACKUP_USER", "bob", "PGBACKUP_PASSWORD", "s3cret")))
                .isEqualTo(new Credentials("bob", "s3cret"));
        assertThat(Credentials.ofEnvironment(Map.of("PGBACKUP_USER", "", "PGPASSWORD", "other")))
                .isEqualTo(Credentials.NONE);
    }

    @Test
    void what_is_missing_comes_from_the_next() {
        assertThat(new Credentials("bob", null).orElse(new Credentials("alice", "s3cret")))
                .isEqualTo(new Credentials("bob", "s3cret"));
    }

    @Test
    void the_password_file_is_searched_by_host_port_database_and_user() throws IOException {
        write("other:5432:d:bob:wrong", "::1:5432:d:bob:ipv6", "h:*:d:bob:s3cr\\:et");

        assertThat(resolved("jdbc:postgresql://h/d").password()).isEqualTo("s3cr:et");
        assertThat(resolved("jdbc:postgresql://[::1]/d").password()).isEqualTo("ipv6");
        assertThat(resolved("jdbc:postgresql://h/other").password()).isNull();
        assertThat(warnings).isEmpty();
    }

    @Test
    void another_password_takes_precedence_over_the_file() throws IOException {
        write("*:*:*:*:file");

        assertThat(new Credentials("bob", "given")
                        .withPasswordFile(JdbcUrl.parse("jdbc:postgresql://h/d", Element.SOURCE), console)
                        .password())
                .isEqualTo("given");
    }

    @Test
    void several_hosts_may_share_a_password() throws IOException {
        write("h1:*:d:bob:same", "h2:*:d:bob:same");

        assertThat(resolved("jdbc:postgresql://h1,h2/d").password()).isEqualTo("same");
    }

    @Test
    void several_hosts_with_different_passwords_are_rejected() throws IOException {
        write("h1:*:d:bob:one", "h2:*:d:bob:two");

        assertThatThrownBy(() -> resolved("jdbc:postgresql://h1,h2/d"))
                .hasMessage("The password file holds different passwords for the hosts [h1:5432, h2:5432] of"
                        + " <source><url> (-Dpgbackup.source.url), and it is not known in advance which host will answer. Name one"
                        + " host, or provide the password by <source><serverId> (-Dpgbackup.source.serverId) or"
                        + " PGBACKUP_PASSWORD.");
    }

    @Test
    void a_file_that_others_can_read_causes_a_warning() throws IOException {
        write("*:*:*:*:s3cret");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));

        assertThat(resolved("jdbc:postgresql://h/d").password()).isEqualTo("s3cret");
        assertThat(warnings)
                .containsExactly("The password file " + file + " can be read by others, so PostgreSQL's own programs"
                        + " would ignore it. Its password is used here; run `chmod 0600 " + file + "`.");
    }

    private Credentials resolved(String url) {
        return new Credentials("bob", null).withPasswordFile(JdbcUrl.parse(url, Element.SOURCE), console);
    }

    private void write(String... lines) throws IOException {
        Files.write(file, List.of(lines));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }
}
