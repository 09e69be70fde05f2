package io.github.pgbackup.report;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PrintableTest {

    @Test
    void a_name_cannot_forge_a_line_or_command_a_terminal() {
        assertThat(Printable.text("t\n[INFO] PASS\u001B[31m\u202E\t"))
                .isEqualTo("t\\n[INFO] PASS\\u001B[31m\\u202E\\t");
    }

    @Test
    void letters_of_all_scripts_stay() {
        assertThat(Printable.text("Größe 注文 🙂 ` \" %s")).isEqualTo("Größe 注文 🙂 ` \" %s");
    }
}
