package io.github.pgbackup.source;

import static java.util.Map.entry;

import io.github.pgbackup.Setting;
import java.util.EnumMap;
import java.util.Map;
import org.postgresql.PGProperty;

/**
 * How pg_dump gets the same connection as the JDBC URL describes, for each property. A test ensures that every
 * {@link PGProperty} of the driver has an entry: a silently dropped property could mean a connection with less
 * protection than the user asked for.
 */
sealed interface ConnectionProperty {

    /** Has the same meaning for libpq. {@link JdbcUrl} sets this variable (manual, "Environment Variables"). */
    record Translated(String variable) implements ConnectionProperty {}

    /** Applies to our own JDBC sessions; libpq needs no corresponding setting. */
    record DriverOnly(String why) implements ConnectionProperty {}

    /** Applies neither to pg_dump nor to our own sessions. */
    record LeftOut(String why) implements ConnectionProperty {}

    /** An error: pg_dump has no equivalent. */
    record Refused(String why, String remedy) implements ConnectionProperty {}

    LeftOut TUNING = new LeftOut("tunes how a JDBC application runs its statements");
    LeftOut OURS = new LeftOut("is set by this plugin for its own sessions");

    DriverOnly HOST_CHOICE = new DriverOnly("pg_dump gets only the host that the driver chose");
    DriverOnly KERBEROS = new DriverOnly("tells Java how to find the ticket cache; libpq finds it by itself");
    DriverOnly DRIVER_LIMIT = new DriverOnly("limits what the driver accepts while it connects");

    Refused JAVA_CODE = new Refused(
            "names a Java class, which pg_dump can't use", "Remove it and use what both know, such as sslmode.");

    /** Includes deprecated properties, because they still work. */
    @SuppressWarnings("deprecation")
    Map<PGProperty, ConnectionProperty> ALL = new EnumMap<>(Map.ofEntries(
            entry(PGProperty.PG_HOST, new Translated("PGHOST")),
            entry(PGProperty.PG_PORT, new Translated("PGPORT")),
            entry(PGProperty.PG_DBNAME, new Translated("PGDATABASE")),
            entry(PGProperty.USER, new Translated("PGUSER")),
            entry(PGProperty.SSL, new Translated("PGSSLMODE")),
            entry(PGProperty.SSL_MODE, new Translated("PGSSLMODE")),
            entry(PGProperty.SSL_ROOT_CERT, new Translated("PGSSLROOTCERT")),
            entry(PGProperty.SSL_CERT, new Translated("PGSSLCERT")),
            entry(PGProperty.SSL_KEY, new Translated("PGSSLKEY")),
            entry(PGProperty.SSL_NEGOTIATION, new Translated("PGSSLNEGOTIATION")),
            entry(PGProperty.GSS_ENC_MODE, new Translated("PGGSSENCMODE")),
            entry(PGProperty.KERBEROS_SERVER_NAME, new Translated("PGKRBSRVNAME")),
            entry(PGProperty.CHANNEL_BINDING, new Translated("PGCHANNELBINDING")),
            entry(PGProperty.REQUIRE_AUTH, new Translated("PGREQUIREAUTH")),
            entry(PGProperty.CONNECT_TIMEOUT, new Translated("PGCONNECT_TIMEOUT")),
            entry(PGProperty.LOGIN_TIMEOUT, new Translated("PGCONNECT_TIMEOUT")),
            entry(PGProperty.OPTIONS, new Translated("PGOPTIONS")),
            //
            entry(PGProperty.TARGET_SERVER_TYPE, HOST_CHOICE),
            entry(PGProperty.LOAD_BALANCE_HOSTS, HOST_CHOICE),
            entry(PGProperty.HOST_RECHECK_SECONDS, HOST_CHOICE),
            entry(PGProperty.GSS_LIB, KERBEROS),
            entry(PGProperty.GSS_USE_DEFAULT_CREDS, KERBEROS),
            entry(PGProperty.JAAS_LOGIN, KERBEROS),
            entry(PGProperty.SSPI_SERVICE_CLASS, KERBEROS),
            entry(PGProperty.USE_SPNEGO, KERBEROS),
            entry(PGProperty.GSS_RESPONSE_TIMEOUT, DRIVER_LIMIT),
            entry(PGProperty.SSL_RESPONSE_TIMEOUT, DRIVER_LIMIT),
            entry(PGProperty.SCRAM_MAX_ITERATIONS, DRIVER_LIMIT),
            entry(PGProperty.PEM_KEY_ALGORITHM, new DriverOnly("libpq finds the algorithm in the key itself")),
            entry(PGProperty.TCP_KEEP_ALIVE, new DriverOnly("libpq keeps connections alive by default")),
            //
            entry(PGProperty.APPLICATION_NAME, OURS),
            entry(PGProperty.CURRENT_SCHEMA, OURS),
            entry(PGProperty.READ_ONLY, OURS),
            entry(PGProperty.READ_ONLY_MODE, OURS),
            entry(PGProperty.SOCKET_TIMEOUT, OURS),
            entry(PGProperty.QUERY_TIMEOUT, OURS),
            entry(PGProperty.LOGGER_FILE, OURS),
            entry(PGProperty.LOGGER_LEVEL, OURS),
            entry(PGProperty.LOG_SERVER_ERROR_DETAIL, OURS),
            entry(PGProperty.ADAPTIVE_FETCH, TUNING),
            entry(PGProperty.ADAPTIVE_FETCH_MAXIMUM, TUNING),
            entry(PGProperty.ADAPTIVE_FETCH_MINIMUM, TUNING),
            entry(PGProperty.ALLOW_ENCODING_CHANGES, TUNING),
            entry(PGProperty.ASSUME_MIN_SERVER_VERSION, TUNING),
            entry(PGProperty.AUTOSAVE, TUNING),
            entry(PGProperty.BINARY_TRANSFER, TUNING),
            entry(PGProperty.BINARY_TRANSFER_DISABLE, TUNING),
            entry(PGProperty.BINARY_TRANSFER_ENABLE, TUNING),
            entry(PGProperty.CANCEL_SIGNAL_TIMEOUT, TUNING),
            entry(PGProperty.CLASS_LOADER_STRATEGY, TUNING),
            entry(PGProperty.CLEANUP_SAVEPOINTS, TUNING),
            entry(PGProperty.CONNECT_EXECUTOR, TUNING),
            entry(PGProperty.CONNECT_EXECUTOR_ARG, TUNING),
            entry(PGProperty.CONVERT_BOOLEAN_TO_NUMERIC, TUNING),
            entry(PGProperty.DATABASE_METADATA_CACHE_FIELDS, TUNING),
            entry(PGProperty.DATABASE_METADATA_CACHE_FIELDS_MIB, TUNING),
            entry(PGProperty.DEFAULT_ROW_FETCH_SIZE, TUNING),
            entry(PGProperty.DISABLE_COLUMN_SANITISER, TUNING),
            entry(PGProperty.ESCAPE_SYNTAX_CALL_MODE, TUNING),
            entry(PGProperty.FLUSH_CACHE_ON_DDL, TUNING),
            entry(PGProperty.GROUP_STARTUP_PARAMETERS, TUNING),
            entry(PGProperty.HIDE_UNPRIVILEGED_OBJECTS, TUNING),
            entry(PGProperty.LOG_UNCLOSED_CONNECTIONS, TUNING),
            entry(PGProperty.MAX_RESULT_BUFFER, TUNING),
            entry(PGProperty.MAX_SEND_BUFFER_SIZE, TUNING),
            entry(PGProperty.PREFER_QUERY_MODE, TUNING),
            entry(PGProperty.PREPARED_STATEMENT_CACHE_QUERIES, TUNING),
            entry(PGProperty.PREPARED_STATEMENT_CACHE_SIZE_MIB, TUNING),
            entry(PGProperty.PREPARE_THRESHOLD, TUNING),
            entry(PGProperty.PROTOCOL_VERSION, TUNING),
            entry(PGProperty.QUOTE_RETURNING_IDENTIFIERS, TUNING),
            entry(PGProperty.RECEIVE_BUFFER_SIZE, TUNING),
            entry(PGProperty.REWRITE_BATCHED_INSERTS, TUNING),
            entry(PGProperty.REWRITE_BATCHED_INSERTS_SIZE, TUNING),
            entry(PGProperty.SEND_BUFFER_SIZE, TUNING),
            entry(PGProperty.STRING_TYPE, TUNING),
            entry(PGProperty.TCP_NO_DELAY, TUNING),
            entry(PGProperty.UNKNOWN_LENGTH, TUNING),
            entry(PGProperty.XML_FACTORY_FACTORY, TUNING),
            //
            entry(
                    PGProperty.PASSWORD,
                    new Refused(
                            "would be printed by Maven's -X",
                            "Provide the password by " + Setting.SERVER_ID + ", PGBACKUP_PASSWORD or ~/.pgpass.")),
            entry(
                    PGProperty.SSL_PASSWORD,
                    new Refused(
                            "would be printed by Maven's -X, and there is no other way to pass it to pg_dump",
                            "Use a client key without a passphrase that only its owner can read.")),
            entry(
                    PGProperty.SERVICE,
                    new Refused(
                            "names a file that may contain a password and settings that pg_dump interprets differently",
                            "Write host, port and database into the URL.")),
            entry(
                    PGProperty.REPLICATION,
                    new Refused("requests a replication connection, which pg_dump can't use", "Remove it.")),
            entry(
                    PGProperty.LOCAL_SOCKET_ADDRESS,
                    new Refused("binds the client's address, which pg_dump can't do", "Remove it.")),
            entry(
                    PGProperty.JAAS_APPLICATION_NAME,
                    new Refused(
                            "names a Java login configuration, which pg_dump can't read",
                            "Remove it and run kinit first, so that both find the ticket.")),
            entry(PGProperty.AUTHENTICATION_PLUGIN_CLASS_NAME, JAVA_CODE),
            entry(PGProperty.SOCKET_FACTORY, JAVA_CODE),
            entry(PGProperty.SOCKET_FACTORY_ARG, JAVA_CODE),
            entry(PGProperty.SSL_FACTORY, JAVA_CODE),
            entry(PGProperty.SSL_FACTORY_ARG, JAVA_CODE),
            entry(PGProperty.SSL_HOSTNAME_VERIFIER, JAVA_CODE),
            entry(PGProperty.SSL_PASSWORD_CALLBACK, JAVA_CODE)));
}
