package io.github.pgbackup.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.postgres.PostgresVersion;
import io.github.pgbackup.postgres.Session;
import io.github.pgbackup.test.ProductionServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

final class SourceIT {

    @AutoClose
    private static final ProductionServer PRODUCTION = ProductionServer.start();

    private static final PostgresVersion CLIENT = PostgresVersion.ofNumber(180000);

    @BeforeAll
    static void create_database_and_roles() {
        PRODUCTION.createDatabase("directus");
        PRODUCTION.createDatabase("closed");
        PRODUCTION.execute("directus", """
                create role reader login password 's3cret';
                create role nologin password 's3cret';
                create role limited login password 's3cret' connection limit 0;
                alter role reader set statement_timeout = '1ms';
                alter role reader set default_transaction_read_only = off;
                alter role reader set search_path = public;
                alter role reader set timezone = 'Asia/Tokyo';
                revoke connect on database closed from public;
                """);
    }

    private static final String KEEPALIVES =
            "-c tcp_keepalives_idle=30 -c tcp_keepalives_interval=10 -c tcp_keepalives_count=3 -c tcp_user_timeout=60000";

    @Test
    void a_session_keeps_its_own_settings_whatever_the_roles_are() throws SQLException {
        try (Session session = reader().connect()) {
            assertThat(session.list("""
                            select name || '=' || setting from pg_settings
                            where name in ('statement_timeout', 'lock_timeout', 'default_transaction_read_only',
                                'search_path', 'TimeZone', 'application_name', 'idle_in_transaction_session_timeout',
                                'row_security')
                            order by name collate "C"
                            """, row -> row.getString(1)))
                    .containsExactly(
                            "TimeZone=UTC",
                            "application_name=pgbackup",
                            "default_transaction_read_only=on",
                            "idle_in_transaction_session_timeout=0",
                            "lock_timeout=2000",
                            "row_security=off",
                            "search_path=\"\"",
                            "statement_timeout=60000");
        }
    }

    @Test
    void a_session_cannot_write() throws SQLException {
        try (Session session = Production.source(PRODUCTION, "directus").connect()) {
            assertThatThrownBy(() -> session.execute("create table public.written ()"))
                    .isInstanceOf(SQLException.class)
                    .hasMessage("ERROR: cannot execute CREATE TABLE in a read-only transaction");
        }
    }

    @Test
    void the_identity_is_what_the_server_says() {
        ServerIdentity identity = reader().identity();

        assertThat(identity.database()).isEqualTo("directus");
        assertThat(identity.role()).isEqualTo("reader");
        assertThat(identity.superuser()).isFalse();
        assertThat(identity.bootstrapSuperuser()).isEqualTo("postgres");
        assertThat("" + identity.version().number())
                .isEqualTo(PRODUCTION.query("directus", "select current_setting('server_version_num')"));
        assertThat(identity.systemIdentifier())
                .hasValue(PRODUCTION.query("directus", "select system_identifier from pg_control_system()"));
        assertThat(identity.address()).hasValue("127.0.0.1");
        assertThat(identity.port()).hasValue(PRODUCTION.port());
        assertThat(identity.inRecovery()).isFalse();
        assertThat(identity.dataDirectory()).isEmpty();
        assertThat(identity.sameServer(Production.source(PRODUCTION, "postgres").identity()))
                .isTrue();
    }

    @Test
    void another_server_is_not_the_same() {
        ProductionServer shared = ProductionServer.shared();

        assertThat(reader().identity()
                        .sameServer(Production.source(shared, "postgres").identity()))
                .isFalse();
    }

    @Test
    void pg_dump_reaches_the_same_server_read_only_by_environment_alone() throws Exception {
        Map<String, String> environment = reader().pgDumpEnvironment(CLIENT);
        assertThat(environment)
                .containsEntry("PGHOSTADDR", "127.0.0.1")
                .containsEntry("PGAPPNAME", "pgbackup")
                .containsEntry("PGTZ", "UTC")
                .containsEntry(
                        "PGOPTIONS",
                        "-c default_transaction_read_only=on -c statement_timeout=0 " + KEEPALIVES
                                + " -c bytea_output=hex -c quote_all_identifiers=off");

        ProcessBuilder psql = new ProcessBuilder(
                PRODUCTION.bin().resolve("psql").toString(),
                "-XAtc",
                "select current_user, current_database(), inet_server_port(),"
                        + " current_setting('default_transaction_read_only'), current_setting('application_name'),"
                        + " current_setting('tcp_keepalives_idle'), current_setting('tcp_user_timeout')");
        psql.environment().putAll(environment);
        Process process = psql.redirectErrorStream(true).start();

        assertThat(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                .isEqualToIgnoringNewLines("reader|directus|" + PRODUCTION.port() + "|on|pgbackup|30|60000");
        assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void options_of_the_url_apply_to_both_but_ours_come_last() throws SQLException {
        Source source = Production.source(
                PRODUCTION.url("directus") + "?options=-c%20default_transaction_read_only%3Doff%20-c%20work_mem%3D1MB",
                "reader",
                "s3cret");

        assertThat(source.pgDumpEnvironment(CLIENT))
                .containsEntry(
                        "PGOPTIONS",
                        "-c default_transaction_read_only=off -c work_mem=1MB -c default_transaction_read_only=on -c statement_timeout=0 "
                                + KEEPALIVES + " -c bytea_output=hex -c quote_all_identifiers=off");
        try (Session session = source.connect()) {
            assertThat(session.text("select current_setting('work_mem')")).isEqualTo("1MB");
        }
    }

    @Test
    void all_sessions_use_the_one_of_several_hosts_that_answers() throws IOException {
        // Another name than in the other tests: for ten seconds, the driver avoids a host that has failed in one of
        // them.
        Source source = Production.source(
                "jdbc:postgresql://127.0.0.1:" + unusedPort() + ",localhost:" + PRODUCTION.port()
                        + "/directus?targetServerType=primary",
                "reader",
                "s3cret");

        assertThat(source.pgDumpEnvironment(CLIENT)).containsEntry("PGPORT", "" + PRODUCTION.port());
        assertThat(source.describe()).isEqualTo("localhost:" + PRODUCTION.port() + "/directus");
    }

    @Test
    void an_unreachable_server_is_named() throws IOException {
        int port = unusedPort();

        assertThatThrownBy(() -> Production.source("jdbc:postgresql://127.0.0.1:" + port + "/d", "bob", "s3cret"))
                .isInstanceOf(CannotVerifyException.class)
                .hasMessage("No PostgreSQL server can be reached at 127.0.0.1:" + port + ": it refused the connection."
                        + " Check host and port in <source><url> (-Dpgbackup.source.url), and that the server listens"
                        + " there.");
    }

    @Test
    void an_unknown_host_is_named() {
        assertThatThrownBy(() -> Production.source("jdbc:postgresql://no-such-host.invalid/d", "bob", "s3cret"))
                .isInstanceOf(CannotVerifyException.class)
                .hasMessage(
                        "No PostgreSQL server can be reached at no-such-host.invalid:5432: the host name is unknown."
                                + " Check host and port in <source><url> (-Dpgbackup.source.url), and that the server listens"
                                + " there.");
    }

    @Test
    void a_wrong_password_is_reported_without_the_password() {
        assertThatThrownBy(() -> Production.source(PRODUCTION.url("directus"), "reader", "canary"))
                .isInstanceOf(CannotVerifyException.class)
                .hasNoCause()
                .hasMessage("The server at " + server() + " refused the password of role `reader`, or the role does"
                        + " not exist. Correct it in <source><serverId> (-Dpgbackup.source.serverId), or PGBACKUP_USER and"
                        + " PGBACKUP_PASSWORD in the environment, or ~/.pgpass. PGUSER, PGPASSWORD and PGSERVICE are"
                        + " not read.");
    }

    @Test
    void a_missing_password_is_reported() {
        assertThatThrownBy(() -> Production.source(PRODUCTION.url("directus"), "reader", null))
                .isInstanceOf(CannotVerifyException.class)
                .hasMessage(
                        "The server at " + server() + " requires a password for role `reader`, but none is configured."
                                + " Provide it by <source><serverId> (-Dpgbackup.source.serverId), or PGBACKUP_USER and"
                                + " PGBACKUP_PASSWORD in the environment, or ~/.pgpass. PGUSER, PGPASSWORD and PGSERVICE are"
                                + " not read.");
    }

    @Test
    void a_missing_database_is_named() {
        assertThatThrownBy(() -> Production.source(PRODUCTION.url("directos"), "reader", "s3cret"))
                .isInstanceOf(CannotVerifyException.class)
                .hasMessage("The server at " + server() + " has no database `directos`."
                        + " Correct the name in <source><url> (-Dpgbackup.source.url).");
    }

    @Test
    void a_role_that_may_not_connect_is_reported() {
        assertThatThrownBy(() -> Production.source(PRODUCTION.url("closed"), "reader", "s3cret"))
                .isInstanceOf(CannotVerifyException.class)
                .hasMessage("Role `reader` may not connect to database `closed` at " + server()
                        + ": permission denied for database \"closed\"."
                        + " Have the owner run GRANT CONNECT ON DATABASE, or use another role.");
    }

    @Test
    void a_role_without_login_is_reported() {
        assertThatThrownBy(() -> Production.source(PRODUCTION.url("directus"), "nologin", "s3cret"))
                .isInstanceOf(CannotVerifyException.class)
                .hasMessage("The server at " + server() + " does not let role `nologin` connect to database `directus`"
                        + " from here: role \"nologin\" is not permitted to log in."
                        + " Check the role (from <source><serverId> (-Dpgbackup.source.serverId) or PGBACKUP_USER),"
                        + " pg_hba.conf on the server, and sslmode in <source><url>"
                        + " (-Dpgbackup.source.url).");
    }

    @Test
    void exhausted_connections_are_reported() {
        assertThatThrownBy(() -> Production.source(PRODUCTION.url("directus"), "limited", "s3cret"))
                .isInstanceOf(CannotVerifyException.class)
                .hasMessage(
                        "The server at " + server() + " has no free connections: too many connections for role"
                                + " \"limited\". Run the verification when fewer clients are connected, or raise max_connections;"
                                + " it needs up to two connections and one for each of <backup><jobs> (-Dpgbackup.backup.jobs).");
    }

    @Test
    void a_server_without_tls_is_reported() {
        assertThatThrownBy(() -> Production.source(PRODUCTION.url("directus") + "?sslmode=require", "reader", "s3cret"))
                .isInstanceOf(CannotVerifyException.class)
                .hasMessage("The server at " + server() + " rejected the connection: The"
                        + " server does not support SSL. Check sslmode and gssEncMode in <source><url>"
                        + " (-Dpgbackup.source.url).");
    }

    @Test
    void a_failure_leaves_no_connection_open() throws Exception {
        Source source = reader();
        List<Session> sessions = new ArrayList<>(List.of(source.connect(), source.connect()));
        for (Session session : sessions) {
            session.close();
        }
        try (Connection superuser = PRODUCTION.connect("directus")) {
            Session inspect = new Session(superuser);
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(5);
            while (inspect.number("select count(*) from pg_stat_activity where application_name = 'pgbackup'") > 0) {
                assertThat(System.nanoTime()).isLessThan(deadline);
                Thread.sleep(20);
            }
        }
    }

    private static Source reader() {
        return Production.source(PRODUCTION.url("directus"), "reader", "s3cret");
    }

    private static String server() {
        return "127.0.0.1:" + PRODUCTION.port();
    }

    private static int unusedPort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
