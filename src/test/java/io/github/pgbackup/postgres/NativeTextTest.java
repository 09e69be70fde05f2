package io.github.pgbackup.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Uses a real shell: the program receives exactly the intended bytes. */
@DisabledOnOs(OS.WINDOWS)
class NativeTextTest {

    private static final String SHOW = "printf '%s|%s|%s|' \"$1\" \"$2\" \"$NAME\"";

    @ParameterizedTest
    @ValueSource(strings = {"Ünï", "日本 😀", "a\\b\\0303", "ends\n\n", "% %s 'q' \"d\" $HOME `id`", "é\t"})
    void in_the_C_locale_every_text_comes_through(String text) throws Exception {
        assertThat(shown(StandardCharsets.US_ASCII, text)).isEqualTo("plain|" + text + "|" + text + "|");
    }

    @Test
    void what_the_JVM_can_write_stays_as_it_is() {
        NativeText.Command command = new NativeText.Command(SHOW, List.of("plain", "Ünï"), Map.of("NAME", "Ünï"));

        assertThat(new NativeText(StandardCharsets.UTF_8).escaped(command)).isSameAs(command);
        NativeText.Command plain = new NativeText.Command(SHOW, List.of("plain", "too"), Map.of("NAME", "\\0"));
        assertThat(new NativeText(StandardCharsets.US_ASCII).escaped(plain)).isEqualTo(plain);
    }

    /** The value may be a password, which the list of processes must not show. */
    @Test
    void a_variables_value_is_in_no_argument() {
        NativeText.Command escaped = new NativeText(StandardCharsets.US_ASCII)
                .escaped(new NativeText.Command(SHOW, List.of("plain"), Map.of("PGPASSWORD", "Sesäm")));

        assertThat(escaped.variables()).containsOnlyKeys("PGPASSWORD").containsValue("Ses\\0303\\0244m");
        assertThat(escaped.arguments()).containsExactly("plain");
        assertThat(escaped.script()).doesNotContain("Ses");
    }

    private static String shown(Charset locale, String text) throws Exception {
        NativeText.Command command = new NativeText(locale)
                .escaped(new NativeText.Command(SHOW, List.of("plain", text), Map.of("NAME", text)));
        List<String> line = new ArrayList<>(List.of("/bin/sh", "-c", command.script(), "test"));
        line.addAll(command.arguments());
        ProcessBuilder builder = new ProcessBuilder(line);
        builder.environment().putAll(command.variables());
        Process process = builder.start();
        String shown = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return shown;
    }
}
