package io.github.pgbackup.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgbackup.postgres.PostgresVersion;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class JdbcUrlTest {

    private static final PostgresVersion CLIENT = PostgresVersion.ofNumber(170000);
    private static final Credentials BOB = new Credentials("bob", "s3cret");

    @TempDir
    Path home;

    private final String realHome = System.getProperty("user.home");

    /** Certificates of the user who runs the tests must not be visible. */
    @BeforeEach
    void have_an_empty_home() {
        System.setProperty("user.home", home.toString());
    }

    @AfterEach
    void go_home() {
        System.setProperty("user.home", realHome);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    jdbc:postgresql://db.internal:5433/directus | db.internal | 5433 | directus
                    jdbc:postgresql://db.internal/directus      | db.internal | 5432 | directus
                    jdbc:postgresql://[::1]:5433/directus       | ::1         | 5433 | directus
                    jdbc:postgresql://[2001:db8::7]/directus    | 2001:db8::7 | 5432 | directus
                    jdbc:postgresql:directus                    | localhost   | 5432 | directus
                    jdbc:postgresql:///directus                 | localhost   | 5432 | directus
                    jdbc:postgresql://db.internal/              | db.internal | 5432 | bob
                    jdbc:postgresql:                            | localhost   | 5432 | bob
                    jdbc:postgresql://                          | localhost   | 5432 | bob
                    jdbc:postgresql://h/a%2Fb%20c               | h           | 5432 | a/b c
                    jdbc:postgresql://h/d?host=other&port=1     | other       | 1    | d
                    jdbc:postgresql://h/?dbname=d               | h           | 5432 | d
                    """)
    void host_port_and_database_reach_libpq(String url, String host, String port, String database) {
        assertThat(environment(url))
                .containsEntry("PGHOST", host)
                .containsEntry("PGPORT", port)
                .containsEntry("PGDATABASE", database)
                .containsEntry("PGUSER", "bob");
    }

    @Test
    void the_whole_environment_of_a_plain_url() {
        assertThat(environment("jdbc:postgresql://h/d"))
                .containsExactlyInAnyOrderEntriesOf(Map.of(
                        "PGHOST", "h",
                        "PGPORT", "5432",
                        "PGDATABASE", "d",
                        "PGUSER", "bob",
                        "PGPASSWORD", "s3cret",
                        "PGSSLMODE", "prefer",
                        "PGGSSENCMODE", "disable",
                        "PGCONNECT_TIMEOUT", "10"));
    }

    @Test
    void the_user_is_the_credentials_then_the_urls_then_the_operating_systems() {
        JdbcUrl named = url("jdbc:postgresql://h/?user=alice");

        assertThat(named.user(BOB)).isEqualTo("bob");
        assertThat(named.user(Credentials.NONE)).isEqualTo("alice");
        assertThat(named.database(Credentials.NONE)).isEqualTo("alice");
        assertThat(url("jdbc:postgresql://h/").user(Credentials.NONE)).isEqualTo(System.getProperty("user.name"));
    }

    @Test
    void only_the_host_that_the_driver_chose_reaches_libpq() {
        JdbcUrl url = url("jdbc:postgresql://h1:1,[::1],:3/d?targetServerType=primary&loadBalanceHosts=true");

        assertThat(url.hosts())
                .containsExactly(
                        new JdbcUrl.Host("h1", 1), new JdbcUrl.Host("[::1]", 5432), new JdbcUrl.Host("localhost", 3));
        assertThat(url.libpqEnvironment(url.hosts().get(1), BOB, CLIENT))
                .containsEntry("PGHOST", "::1")
                .containsEntry("PGPORT", "5432")
                .doesNotContainKeys("PGTARGETSESSIONATTRS", "PGLOADBALANCEHOSTS");
    }

    @ParameterizedTest
    @CsvSource({
        "sslmode=disable, PGSSLMODE, disable",
        "sslmode=allow, PGSSLMODE, allow",
        "sslmode=REQUIRE, PGSSLMODE, require",
        "sslmode=verify-ca, PGSSLMODE, verify-ca",
        "ssl, PGSSLMODE, verify-full",
        "ssl=true, PGSSLMODE, verify-full",
        "ssl=false, PGSSLMODE, prefer",
        "sslmode=require&sslrootcert=/ca.pem, PGSSLMODE, verify-ca",
        "sslmode=require&sslrootcert=/ca.pem, PGSSLROOTCERT, /ca.pem",
        "sslcert=/c.pem, PGSSLCERT, /c.pem",
        "sslkey=/k.pk8, PGSSLKEY, /k.pk8",
        "sslNegotiation=direct&sslmode=require, PGSSLNEGOTIATION, direct",
        "gssEncMode=require, PGGSSENCMODE, require",
        "gssEncMode=allow, PGGSSENCMODE, disable",
        "kerberosServerName=pg, PGKRBSRVNAME, pg",
        "channelBinding=require, PGCHANNELBINDING, require",
        "requireAuth=scram-sha-256, PGREQUIREAUTH, scram-sha-256",
        "connectTimeout=7, PGCONNECT_TIMEOUT, 7",
        "connectTimeout=0, PGCONNECT_TIMEOUT, 0",
        "loginTimeout=3, PGCONNECT_TIMEOUT, 3",
        "options=-c%20geqo%3Doff, PGOPTIONS, -c geqo=off",
    })
    void a_parameter_means_the_same_to_libpq(String parameters, String variable, String value) {
        assertThat(environment("jdbc:postgresql://h/d?" + parameters)).containsEntry(variable, value);
    }

    @Test
    void require_is_verify_ca_for_both_where_the_default_root_certificate_exists() throws Exception {
        Path root = home.resolve(".postgresql/root.crt");
        java.nio.file.Files.createDirectories(root.getParent());
        java.nio.file.Files.createFile(root);

        assertThat(environment("jdbc:postgresql://h/d?sslmode=require"))
                .containsEntry("PGSSLMODE", "verify-ca")
                .containsEntry("PGSSLROOTCERT", root.toString());
        assertThat(driver("jdbc:postgresql://h/d?sslmode=require")).containsEntry("sslmode", "verify-ca");
    }

    @Test
    void a_verifying_mode_names_the_drivers_default_root_certificate() {
        assertThat(environment("jdbc:postgresql://h/d?sslmode=verify-full"))
                .containsEntry(
                        "PGSSLROOTCERT", home.resolve(".postgresql/root.crt").toString());
    }

    @Test
    void a_relative_file_is_made_absolute_so_that_libpq_does_not_take_system_for_its_keyword() {
        assertThat(environment("jdbc:postgresql://h/d?sslmode=verify-full&sslrootcert=system"))
                .containsEntry(
                        "PGSSLROOTCERT", Path.of("system").toAbsolutePath().toString());
    }

    @Test
    void tuning_parameters_reach_neither_libpq_nor_our_sessions() {
        String url = "jdbc:postgresql://h/d?socketTimeout=1&prepareThreshold=0&currentSchema=x&ApplicationName=app"
                + "&autosave=always&readOnly=false";

        assertThat(environment(url)).isEqualTo(environment("jdbc:postgresql://h/d"));
        assertThat(driver(url)).isEqualTo(driver("jdbc:postgresql://h/d"));
    }

    @Test
    void a_client_too_old_for_a_parameter_is_an_error_since_it_would_ignore_it() {
        JdbcUrl url = url("jdbc:postgresql://h/d?requireAuth=scram-sha-256");

        assertThatThrownBy(() -> url.libpqEnvironment(url.hosts().get(0), BOB, PostgresVersion.ofNumber(150018)))
                .hasMessage(
                        "<source><url> (-Dpgbackup.source.url) uses requireAuth, which pg_dump 15.18 does not"
                                + " support. Use the client programs of PostgreSQL 16 or newer: <binDirectory>, -Dpgbackup.binDirectory.");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    jdbc:mysql://h/d | does not start with jdbc:postgresql:. Write jdbc:postgresql://host:port/database.
                    jdbc:postgresql://h | has no slash after the host, so the driver can't parse it. Write jdbc:postgresql://host:port/database.
                    jdbc:postgresql:/h/d | has one slash where two are expected. Write jdbc:postgresql://host:port/database.
                    jdbc:postgresql://h/a/b | has a slash in the database's name. Write it as %2F.
                    jdbc:postgresql://h:99999/d | has a port that is not a number from 1 to 65535. Write jdbc:postgresql://host:port/database.
                    jdbc:postgresql://h:x/d | has a port that is not a number from 1 to 65535. Write jdbc:postgresql://host:port/database.
                    jdbc:postgresql://bob:canary@h/d | contains an @ before the database name: the driver does not accept a user or password there. Provide them by <serverId>, PGBACKUP_USER and PGBACKUP_PASSWORD.
                    jdbc:postgresql://h/50% | contains a % that is not followed by two hexadecimal digits. Write %25 for a percent sign.
                    jdbc:postgresql://h,i/d?port=1 | cannot be read by the PostgreSQL JDBC driver. Write jdbc:postgresql://host:port/database.
                    """)
    void a_url_that_cannot_be_read_has_one_problem(String url, String problem) {
        assertThat(JdbcUrl.problems(url, Element.SOURCE))
                .containsExactly("<source><url> (-Dpgbackup.source.url) " + problem);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    sslmod=verify-full | `sslmod` is not a parameter of the PostgreSQL JDBC driver, which would ignore it. Did you mean sslmode?
                    sslMode=verify-full | `sslMode` is not a parameter of the PostgreSQL JDBC driver, which would ignore it. Did you mean sslmode?
                    useUnicode=true | `useUnicode` is not a parameter of the PostgreSQL JDBC driver, which would ignore it. Remove it.
                    sslmode=strict | `sslmode` is `strict`; expected one of disable, allow, prefer, require, verify-ca, verify-full.
                    sslmode= | `sslmode` has no value. Give it one or remove it.
                    connectTimeout=ten | `connectTimeout` is `ten`, expected a number of seconds.
                    password=canary | `password` would be printed by Maven's -X. Provide the password by <serverId>, PGBACKUP_PASSWORD or ~/.pgpass.
                    sslpassword=canary | `sslpassword` would be printed by Maven's -X, and there is no other way to pass it to pg_dump. Use a client key without a passphrase that only its owner can read.
                    sslkey=/k.P12 | `sslkey` is a PKCS #12 file, which pg_dump can't read. Convert it with `openssl pkcs12` to a certificate and a key in PEM form and name them in sslcert and sslkey.
                    socketFactory=a.B | `socketFactory` names a Java class, which pg_dump can't use. Remove it and use what both know, such as sslmode.
                    sslfactory=a.B | `sslfactory` names a Java class, which pg_dump can't use. Remove it and use what both know, such as sslmode.
                    service=prod | `service` names a file that may contain a password and settings that pg_dump interprets differently. Write host, port and database into the URL.
                    replication=database | `replication` requests a replication connection, which pg_dump can't use. Remove it.
                    localSocketAddress=::1 | `localSocketAddress` binds the client's address, which pg_dump can't do. Remove it.
                    host=/tmp | the host is the path of a Unix socket, which the driver can't use. Name a TCP host.
                    """)
    void a_parameter_without_an_equivalent_is_rejected_by_name(String parameter, String problem) {
        assertThat(JdbcUrl.problems("jdbc:postgresql://h/d?" + parameter, Element.SOURCE))
                .containsExactly("<source><url> (-Dpgbackup.source.url): " + problem);
    }

    @Test
    void all_problems_are_reported_at_once() {
        assertThatThrownBy(() -> JdbcUrl.parse(
                        "jdbc:postgresql://h/d?sslmod=x&service=y", Element.protectedEnvironment("staging")))
                .hasMessage(
                        "<protectedEnvironment><name>staging</name><url>: `sslmod` is not a parameter of the PostgreSQL"
                                + " JDBC driver, which would ignore it. Did you mean sslmode?\n"
                                + "<protectedEnvironment><name>staging</name><url>: `service` names a file that may contain a"
                                + " password and settings that pg_dump interprets differently. Write host, port and database into the"
                                + " URL.");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "jdbc:postgresql://bob:canary@h/d",
                "jdbc:postgresql://h/d?password=canary",
                "jdbc:postgresql://h?password=canary",
                "jdbc:postgresql://h/d?sslpassword=canary&sslmode=strict",
                "jdbc:postgresql://h/d?passwort=canary",
                "postgresql://bob:canary@h/d"
            })
    void no_problem_repeats_a_password(String url) {
        assertThat(JdbcUrl.problems(url, Element.SOURCE)).isNotEmpty().noneMatch(problem -> problem.contains("canary"));
    }

    @Test
    void the_text_of_a_url_is_hosts_and_database() {
        assertThat(url("jdbc:postgresql://h1,h2:2/d?user=bob&sslmode=require")).hasToString("h1:5432,h2:2/d");
    }

    private static JdbcUrl url(String url) {
        return JdbcUrl.parse(url, Element.SOURCE);
    }

    private static Map<String, String> environment(String text) {
        JdbcUrl url = url(text);
        return new HashMap<>(url.libpqEnvironment(url.hosts().get(0), BOB, CLIENT));
    }

    private static Properties driver(String url) {
        return url(url).driverProperties(BOB);
    }
}
