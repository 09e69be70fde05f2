package io.github.pgbackup.use;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.Remedy;
import io.github.pgbackup.Setting;
import io.github.pgbackup.backup.Backup;
import io.github.pgbackup.engine.PostgresServer;
import io.github.pgbackup.evidence.VerificationReport;
import io.github.pgbackup.handover.Login;
import io.github.pgbackup.handover.Relay;
import io.github.pgbackup.handover.RestoredConnection;
import io.github.pgbackup.handover.Tool;
import io.github.pgbackup.plan.RehearsalPlan;
import io.github.pgbackup.postgres.QualifiedName;
import io.github.pgbackup.postgres.Session;
import io.github.pgbackup.rehearsal.Rehearsal;
import io.github.pgbackup.rehearsal.StatementTap;
import io.github.pgbackup.server.RestoredDatabase;
import io.github.pgbackup.server.Target;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;

/**
 * Access to a restored database: the role that may connect, and the relay that forwards the connections.
 *
 * @param superuser whether the role has every right
 * @param rehearsal observes the migrations; null when none are expected
 */
public record HandOver(
        PostgresServer server,
        Relay relay,
        RestoredConnection connection,
        boolean superuser,
        @Nullable Rehearsal rehearsal) {

    /**
     * Lets the role log in with its settings, opens the relay and tests it.
     *
     * @param warning receives a sentence for each setting that the server refuses
     * @throws CannotVerifyException when there is no such role, or it may not connect
     */
    public static HandOver open(RestoredDatabase restored, RehearsalPlan plan, Consumer<String> warning)
            throws SQLException, IOException, InterruptedException {
        PostgresServer server = restored.server();
        Backup backup = restored.backup();
        String database = restored.name();
        String role;
        boolean superuser;
        try (Session session = Target.write(server, database)) {
            role = plan.role() == null ? owner(session) : plan.role();
            List<Boolean> found = session.list(
                    "select rolsuper from pg_catalog.pg_roles where rolname = ?", row -> row.getBoolean(1), role);
            if (found.isEmpty()) {
                throw new CannotVerifyException(
                        "The restored database's server has no role " + QualifiedName.quote(role) + ", which "
                                + Setting.REHEARSAL_ROLE + " names.",
                        Remedy.NAME_A_ROLE_THAT_IS_RESTORED);
            }
            superuser = found.get(0);
            // Roles are provisioned without the right to log in.
            session.execute("alter role " + QualifiedName.quote(role) + " login");
            for (String setting : backup.settings().statements(role)) {
                try {
                    session.execute(setting);
                } catch (SQLException e) {
                    // The server's message can quote the value.
                    warning.accept("The throw-away server refuses a setting that role " + QualifiedName.quote(role)
                            + " has in production (" + setting.replaceFirst("(?s) TO .*| = .*", "") + ", SQLSTATE "
                            + e.getSQLState() + "): migrations run without it.");
                }
            }
        }
        Login login = Login.random(role, database);
        Relay relay = Relay.open(server::open, login);
        RestoredConnection connection = new RestoredConnection(relay.port(), login);
        boolean opened = false;
        try {
            tryIt(connection);
            Rehearsal rehearsal = plan.expectsMigration() ? Rehearsal.begin(server, database, role) : null;
            if (rehearsal != null) {
                relay.tap(() -> tap(rehearsal.statements().open()));
            }
            opened = true;
            return new HandOver(server, relay, connection, superuser, rehearsal);
        } finally {
            if (!opened) {
                relay.close();
            }
        }
    }

    private static Relay.Tap tap(StatementTap statements) {
        return new Relay.Tap() {
            @Override
            public void fromClient(byte[] bytes, int offset, int length) {
                statements.fromClient(bytes, offset, length);
            }

            @Override
            public void fromServer(byte[] bytes, int offset, int length) {
                statements.fromServer(bytes, offset, length);
            }
        };
    }

    /** The section of the report while the hand-over lasts. */
    public VerificationReport.HandOver section(RehearsalPlan plan) {
        return new VerificationReport.HandOver(
                connection.login().user(),
                superuser,
                "a relay in Maven's JVM at " + RestoredConnection.HOST
                        + ", on a random port and with a random password (SCRAM-SHA-256); the server itself has no port and"
                        + " no network",
                plan.tools().stream().map(Tool::toString).sorted().toList(),
                plan.maximumLifetime(),
                Optional.empty());
    }

    /** Closes the relay and the rehearsal; the server keeps running. */
    public void close() {
        relay.close();
        if (rehearsal != null) {
            rehearsal.close();
        }
    }

    private static String owner(Session session) throws SQLException {
        return Objects.requireNonNull(
                session.text("select pg_catalog.pg_get_userbyid(datdba)::text from pg_catalog.pg_database"
                        + " where datname = pg_catalog.current_database()"));
    }

    /** Connects through the driver, as the later users do. */
    private static void tryIt(RestoredConnection connection) {
        Properties properties = new Properties();
        properties.setProperty("user", connection.login().user());
        properties.setProperty("password", connection.login().password());
        properties.setProperty("ApplicationName", "pgbackup");
        try (Connection tried = new Driver().connect(connection.url(), properties)) {
            Objects.requireNonNull(tried);
        } catch (SQLException e) {
            throw new CannotVerifyException(
                    "The role " + QualifiedName.quote(connection.login().user())
                            + " cannot connect to the restored database: " + e.getMessage() + ".",
                    Remedy.NAME_A_ROLE_THAT_MAY_CONNECT,
                    e);
        }
    }
}
