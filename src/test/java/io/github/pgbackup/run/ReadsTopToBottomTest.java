package io.github.pgbackup.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The run is told in one method, in the words of docs/adr/0013. */
final class ReadsTopToBottomTest {

    private static final Pattern PART =
            Pattern.compile("^ +// (acquire|restore|check|use|conclude)$", Pattern.MULTILINE);

    @Test
    void a_run_acquires_restores_checks_uses_and_concludes_in_one_method_of_fewer_than_a_hundred_lines()
            throws IOException {
        String run = method(Files.readString(Path.of("src/main/java/io/github/pgbackup/run/BackupVerification.java")));

        List<String> parts = PART.matcher(run)
                .results()
                .map(MatchResult::group)
                .map(String::strip)
                .toList();
        assertThat(parts).containsExactly("// acquire", "// restore", "// check", "// use", "// conclude");
        assertThat(run.lines()).hasSizeBetween(30, 99);
    }

    private static String method(String source) {
        int begin = source.indexOf("    public VerificationReport run() {\n");
        assertThat(begin).isPositive();
        return source.substring(begin, source.indexOf("\n    }\n", begin));
    }
}
