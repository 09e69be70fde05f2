package io.github.pgbackup.plan;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** Which configuration parameters of a throw-away server a user may set: all except those that the run depends on. */
final class ServerParameter {

    private static final Pattern NAME = Pattern.compile("[a-z_][a-z0-9_$]*(\\.[a-z_][a-z0-9_$]*)?");

    private record Rule(Pattern names, String why) {
        Rule(String names, String why) {
            this(Pattern.compile(names), why);
        }
    }

    private static final List<Rule> REFUSED = List.of(
            new Rule(
                    "listen_addresses|port|unix_socket_\\w+|hba_file|ident_file|bonjour\\w*|ssl\\w*",
                    "it controls who can reach the server, and nobody may reach it"),
            new Rule(
                    "data_directory|config_file|external_pid_file|include|include_dir|include_if_exists"
                            + "|stats_temp_directory",
                    "the plugin creates and deletes the server's files"),
            new Rule(
                    "archive_\\w+|restore_command|recovery_\\w+|primary_\\w+|promote_trigger_file|hot_standby\\w*"
                            + "|sync_replication_slots",
                    "the server archives nothing and follows no other server"),
            new Rule(
                    "log_\\w+|logging_collector|syslog_\\w+|event_source|debug_\\w+|backtrace_functions|lc_messages"
                            + "|client_min_messages|trace_\\w+",
                    "the plugin reads the server's messages, which must not contain values of rows"),
            new Rule(
                    "restart_after_crash",
                    "a crashed server may have lost rows, and the backup would be blamed for that"),
            new Rule(
                    "max_worker_processes",
                    "preloaded libraries must not start background workers, which run jobs and call other servers"),
            new Rule(
                    "session_replication_role",
                    "triggers and foreign keys would not be restored as they are in production"),
            new Rule(
                    "zero_damaged_pages|ignore_checksum_failure|ignore_invalid_pages|ignore_system_indexes",
                    "it hides damage"),
            new Rule(
                    "(default_)?transaction_read_only|default_transaction_isolation|row_security|search_path",
                    "restore and comparison set it themselves"));

    private ServerParameter() {}

    /** The server's form of the name, which is not case-sensitive. */
    static String name(String written) {
        return written.toLowerCase(Locale.ROOT);
    }

    /** Why the parameter cannot be set; empty if it can. */
    static Optional<String> refusal(String name) {
        if (!NAME.matcher(name).matches()) {
            return Optional.of("it is not a parameter name");
        }
        return REFUSED.stream()
                .filter(rule -> rule.names().matcher(name).matches())
                .map(Rule::why)
                .findFirst();
    }
}
