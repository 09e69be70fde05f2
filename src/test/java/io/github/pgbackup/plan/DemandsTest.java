package io.github.pgbackup.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class DemandsTest {

    private static final String SOURCE = "<source><url>jdbc:postgresql://db/shop</url></source>";
    private static final String EXPECTATIONS = """
            <expectations>
                <table><name>a.b</name><rows>1</rows></table>
                <column><name>a.b.c</name><values><value><is>x</is><rows>1</rows></value></values></column>
            </expectations>""";

    @Test
    void only_demands_matter_and_not_order_or_white_space() throws Exception {
        String other = """
                <expectations><column><values><value><rows>1</rows><is> x </is></value></values><name>a.b.c</name></column>
                <table><rows>1</rows><name>a.b</name></table></expectations>
                <comparison>rows</comparison><backup><format>directory</format></backup><timeout>PT1H</timeout>""";

        assertThat(sha256(other)).isEqualTo(sha256(EXPECTATIONS));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "<expectations><table><name>a.b</name><rows>1</rows></table></expectations>",
                "<expectations><table><name>a.b</name><rows>1</rows></table><table><name>a.c</name></table></expectations>",
            })
    void other_expectations_are_other_demands(String other) throws Exception {
        assertThat(sha256(other)).isNotEqualTo(sha256(EXPECTATIONS));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<comparison>schema</comparison>",
                "<restore><roles>omit</roles></restore>",
                "<restore><maximumDuration>PT10M</maximumDuration></restore>",
                "<restore><toleratedDifferences><toleratedDifference><object>TABLE a.b</object><reason>r</reason></toleratedDifference></toleratedDifferences></restore>",
            })
    void whatever_makes_a_verdict_worth_more_or_less_is_a_demand(String other) throws Exception {
        assertThat(sha256(EXPECTATIONS + other)).isNotEqualTo(sha256(EXPECTATIONS));
    }

    @Test
    void a_goal_that_checks_evidence_demands_the_same_of_the_same_tags() throws Exception {
        String tags =
                EXPECTATIONS + "<restore><roles>omit</roles></restore><identity><database>shop</database></identity>";

        EvidencePlan plan = reader(Map.of()).readEvidence(Xml.tag("<configuration>" + tags + "</configuration>"));

        assertThat(plan.demandsSha256()).isEqualTo(sha256(tags));
        assertThat(plan.demands()).isEqualTo("comparison rows, roles omit, 2 expectations, 0 tolerated differences");
    }

    @Test
    void demands_can_be_named_by_their_hash() throws Exception {
        String hash = "ab".repeat(32);

        EvidencePlan plan = reader(Map.of("pgbackup.demands", hash, "pgbackup.identity.database", "shop"))
                .readEvidence(Xml.tag("<configuration/>"));

        assertThat(plan.demandsSha256()).isEqualTo(hash);
    }

    private static String sha256(String tags) throws InvalidConfigurationException {
        return reader(Map.of())
                .read(Xml.tag("<configuration>" + SOURCE + tags + "</configuration>"))
                .demands()
                .sha256();
    }

    private static PlanReader reader(Map<String, String> properties) {
        return new PlanReader(properties::get, Path.of("base"));
    }
}
