package io.github.pgbackup.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The run is one method that uses the words of docs/adr/0013. */
final class ReadsTopToBottomTest {

    private static final String BEGIN = "    public VerificationReport run() {\n";
    private static final int MOST_LINES = 99;
    private static final Pattern PART =
            Pattern.compile("^ +// (acquire|restore|check|use|conclude)$", Pattern.MULTILINE);

    private static String source;

    @BeforeAll
    static void read() throws IOException {
        source = Files.readString(Path.of("src/main/java/io/github/pgbackup/run/BackupVerification.java"));
    }

    @Test
    void a_run_acquires_restores_checks_uses_and_concludes_in_one_method_of_fewer_than_a_hundred_lines() {
        assertThat(parts(source)).containsExactly("acquire", "restore", "check", "use", "conclude");
        assertThat(lines(source)).isBetween(30L, (long) MOST_LINES);
    }

    @Test
    void a_longer_method_and_another_order_are_noticed() {
        String longer = source.replace(BEGIN, BEGIN + "        begin();\n".repeat(MOST_LINES));
        String other = source.replace("// restore\n", "// check\n");

        assertThat(lines(longer)).isGreaterThan(MOST_LINES);
        assertThat(parts(other)).containsExactly("acquire", "check", "check", "use", "conclude");
    }

    private static List<String> parts(String text) {
        return PART.matcher(method(text))
                .results()
                .map((MatchResult part) -> part.group(1))
                .toList();
    }

    private static long lines(String text) {
        return method(text).lines().count();
    }

    private static String method(String text) {
        int begin = text.indexOf(BEGIN);
        assertThat(begin).isPositive();
        return text.substring(begin, text.indexOf("\n    }\n", begin));
    }
}
