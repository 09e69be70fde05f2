package io.github.pgbackup.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code <restore><parameters>}: parameters that a user may set, and parameters that the run depends on. */
class ServerParameterTest {

    private static final String WHERE = "<restore><parameters> (-Dpgbackup.restore.parameters) ";

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "listen_addresses, port, unix_socket_directories, unix_socket_group, unix_socket_permissions, hba_file, ident_file, bonjour, bonjour_name, ssl, ssl_passphrase_command | it controls who can reach the server, and nobody may reach it",
                "data_directory, config_file, external_pid_file, include, include_dir, include_if_exists, stats_temp_directory | the plugin creates and deletes the server's files",
                "archive_mode, archive_command, archive_library, archive_cleanup_command, restore_command, recovery_end_command, recovery_target_time, primary_conninfo, primary_slot_name, promote_trigger_file, hot_standby, hot_standby_feedback, sync_replication_slots | the server archives nothing and follows no other server",
                "log_statement, log_min_duration_statement, log_min_error_statement, log_error_verbosity, log_destination, log_directory, log_line_prefix, log_parameter_max_length_on_error, logging_collector, syslog_ident, event_source, debug_print_plan, backtrace_functions, lc_messages, client_min_messages, trace_sort | the plugin reads the server's messages, which must not contain values of rows",
                "restart_after_crash | a crashed server may have lost rows, and the backup would be blamed for that",
                "max_worker_processes | preloaded libraries must not start background workers, which run jobs and call other servers",
                "session_replication_role | triggers and foreign keys would not be restored as they are in production",
                "zero_damaged_pages, ignore_checksum_failure, ignore_invalid_pages, ignore_system_indexes | it hides damage",
                "default_transaction_read_only, transaction_read_only, default_transaction_isolation, row_security, search_path | restore and comparison set it themselves"
            })
    void a_parameter_that_the_run_depends_on_is_rejected_with_the_reason(String names, String why) {
        for (String name : names.split(", ", -1)) {
            assertThat(problems("<parameters><%1$s>x</%1$s></parameters>".formatted(name), Map.of()))
                    .containsExactly(WHERE + "cannot set '" + name + "': " + why + ".");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "<parameters><Port>1</Port></parameters> | cannot set 'Port': it controls who can reach the server, and nobody may reach it.",
                "<parameters><a.b.c>1</a.b.c></parameters> | cannot set 'a.b.c': it is not a parameter name.",
                "<parameters>work_mem=1MB</parameters> | contains text; expected a tag with the name of each.",
                "<parameters><work_mem><a/></work_mem></parameters> | has tags in <work_mem>; expected a single value.",
                "<parameters><work_mem>${mem}</work_mem></parameters> | contains ${mem} in <work_mem>, but no such property is set.",
                "<parameters><work_mem>1MB</work_mem><work_mem>2MB</work_mem></parameters> | has <work_mem> more than once.",
                "<parameters><work_mem>1MB</work_mem><WORK_MEM>2MB</WORK_MEM></parameters> | sets 'work_mem' twice."
            })
    void a_tag_that_sets_nothing_is_rejected(String xml, String sentence) {
        assertThat(problems(xml, Map.of())).containsExactly(WHERE + sentence);
    }

    @Test
    void a_value_cannot_add_a_line_to_the_servers_configuration() {
        assertThat(problems("", Map.of("pgbackup.restore.parameters", "work_mem=1MB\nport=1")))
                .containsExactly(WHERE + "gives 'work_mem' a value with control characters.");
    }

    @Test
    void a_property_that_is_not_a_list_of_pairs_is_rejected() {
        assertThat(problems("", Map.of("pgbackup.restore.parameters", "work_mem")))
                .containsExactly(
                        WHERE + "is 'work_mem'; expected pairs such as work_mem=64MB,max_locks_per_transaction=4096.");
    }

    @Test
    void a_property_gives_what_tags_give() throws Exception {
        Map<String, String> expected = Map.of("work_mem", "64MB", "shared_preload_libraries", "a,b", "my.own", "x=1");

        assertThat(plan("""
                        <parameters><work_mem>64MB</work_mem><shared_preload_libraries>a,b</shared_preload_libraries>
                        <my.own>x=1</my.own></parameters>""", Map.of()).restore().parameters()).isEqualTo(expected);
        assertThat(plan(
                                "",
                                Map.of(
                                        "pgbackup.restore.parameters",
                                        "work_mem=64MB,shared_preload_libraries=a,b, my.own=x=1"))
                        .restore()
                        .parameters())
                .isEqualTo(expected);
    }

    @Test
    void tags_take_precedence_over_the_property_with_a_warning() throws Exception {
        VerificationPlan plan = plan(
                "<parameters><work_mem>64MB</work_mem></parameters>",
                Map.of("pgbackup.restore.parameters", "work_mem=1MB"));

        assertThat(plan.restore().parameters()).isEqualTo(Map.of("work_mem", "64MB"));
        assertThat(plan.warnings())
                .containsExactly("<restore><parameters> has tags in the POM, so the property"
                        + " pgbackup.restore.parameters is not used. Remove the tags to use the property.");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"work_mem", "fsync", "jit", "max_connections", "timescaledb.max_background_workers", "lc_time"})
    void what_the_run_does_not_depend_on_can_be_set(String name) throws Exception {
        assertThat(plan("", Map.of("pgbackup.restore.parameters", name + "=x"))
                        .restore()
                        .parameters())
                .isEqualTo(Map.of(name, "x"));
    }

    private static List<String> problems(String xml, Map<String, String> properties) {
        InvalidConfigurationException invalid =
                catchThrowableOfType(InvalidConfigurationException.class, () -> plan(xml, properties));
        assertThat(invalid).as(xml).isNotNull();
        return invalid.problems();
    }

    private static VerificationPlan plan(String xml, Map<String, String> properties)
            throws InvalidConfigurationException {
        return new PlanReader(properties::get, Path.of("")).read(Xml.tag("""
                <configuration>
                  <source><url>jdbc:postgresql://db/shop</url></source>
                  <restore>%s</restore>
                </configuration>""".formatted(xml)));
    }
}
