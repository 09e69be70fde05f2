package io.github.pgbackup.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgbackup.evidence.VerificationReport;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

final class BuildPageTest {

    private static final Path TARGET = Path.of("/builds/app/target");

    private static String page(VerificationReport report, String execution, Path folder) {
        return BuildPage.of(
                TARGET.resolve(BuildPage.FILE),
                List.of(
                        BuildPage.line(
                                Reports.tolerated(), "execution 'shop' of app", TARGET.resolve("verify-backup-shop")),
                        BuildPage.line(report, execution, folder)));
    }

    @Test
    void each_execution_has_a_line_with_a_link_and_the_worst_verdict_is_that_of_the_build() {
        assertThat(page(Reports.failed(), "execution 'billing' of app", TARGET.resolve("verify-backup-billing")))
                .contains("<h1>FAIL</h1>")
                .contains("<p class=\"headline\">2 executions: 1 PASS, 1 FAIL.</p>")
                .contains(
                        "<td role=\"cell\" class=\"ok\">PASS</td><th role=\"rowheader\" scope=\"row\">directus</th><td role=\"cell\">db.internal:5432</td>")
                .contains("<a href=\"verify-backup-shop/index.html\">execution &#39;shop&#39; of app</a>")
                .containsSubsequence("class=\"cross\">FAIL</td>", "class=\"ok\">PASS</td>");
        assertThat(page(Reports.notVerified(), "x", TARGET.resolve("y"))).contains("<h1>NOT_VERIFIED</h1>");
    }

    @Test
    void evidence_of_a_module_has_a_relative_link_and_a_hostile_name_is_only_text() {
        assertThat(page(Reports.hostile(), "<b>&", Path.of("/builds/app/mod ü/target/verify\"backup")))
                .contains("href=\"../mod%20%C3%BC/target/verify%22backup/index.html\"")
                .contains(">&lt;b&gt;&amp;</a>")
                .doesNotContain("<b>&", "<script>");
    }
}
