package io.github.pgbackup.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.pgbackup.Sha256;
import io.github.pgbackup.provenance.BoundTo;
import io.github.pgbackup.signature.Keys;
import io.github.pgbackup.signature.TrustedKey;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PlanReaderTest {

    private static final String SOURCE = "<source><url>jdbc:postgresql://db/shop</url></source>";

    @Test
    void the_defaults_are_applied() throws Exception {
        VerificationPlan plan = read(SOURCE, Map.of());

        assertThat(plan.comparison()).isEqualTo(Comparison.ROWS);
        // Chosen when the database is known.
        assertThat(plan.backup().format()).isNull();
        assertThat(plan.backup().compression()).isNull();
        assertThat(plan.backup().jobs()).isNull();
        assertThat(plan.backup().keepArchive()).isEqualTo(KeepArchive.ALWAYS);
        assertThat(plan.restore().roles()).hasToString("provision");
        assertThat(plan.timeout()).hasToString("PT4H");
        assertThat(plan.lockWaitTimeout()).hasToString("PT10S");
        assertThat(plan.maximumBlocking()).hasToString("PT5S");
        assertThat(plan.maximumSnapshotBlocking()).hasToString("PT1H");
        assertThat(plan.expectations()).isEmpty();
        assertThat(plan.warnings()).isEmpty();
    }

    @Test
    void an_archive_takes_the_place_of_a_source() throws Exception {
        VerificationPlan plan = read(
                "<archive><file>backups/a-*.dump</file><maximumAge>P1D</maximumAge></archive>",
                Map.of("pgbackup.archive.sha256", "AB".repeat(32), "pgbackup.archive.roles", "globals.sql"));

        assertThat(plan.source()).isNull();
        assertThat(plan.archive().origin().files().get(0))
                .endsWith("/base/backups/a-*.dump")
                .startsWith("/");
        assertThat(plan.archive().sha256()).containsExactly("ab".repeat(32));
        assertThat(plan.archive().maximumAge()).hasToString("PT24H");
        assertThat(plan.archive().roles()).isEqualTo(Path.of("base/globals.sql").toAbsolutePath());
        assertThat(plan.parameters()).containsEntry("archive.maximumAge", "P1D");
    }

    @Test
    void each_of_several_files_may_have_a_hash() throws Exception {
        String a = "a".repeat(64);
        String b = "b".repeat(64);

        assertThat(read(
                                "<archive><file>/1</file><sha256>" + a + "</sha256><file>/2</file><sha256>" + b
                                        + "</sha256><manifest>m</manifest></archive>",
                                Map.of())
                        .archive())
                .extracting(GivenArchive::sha256, archive -> archive.origin().files())
                .containsExactly(List.of(a, b), List.of("/1", "/2"));
        assertThat(read(
                                "<archive><file>/1</file><file>/2</file></archive>",
                                Map.of("pgbackup.archive.sha256", a + ", " + b))
                        .archive()
                        .sha256())
                .containsExactly(a, b);
        assertThat(problems("<archive><file>/1</file><file>/2</file><sha256>" + a + "</sha256></archive>", Map.of()))
                .containsExactly(
                        "<archive><sha256> (-Dpgbackup.archive.sha256) has 1 hash for 2 archives; expected one for"
                                + " each <file>, in the same order, or each hash in FILE.sha256 next to its file.");
        assertThat(problems("<archive><file>/1</file></archive>", Map.of("pgbackup.archive.sha256", a + "," + b)))
                .containsExactly(
                        "<archive><sha256> (-Dpgbackup.archive.sha256) has 2 hashes for 1 archive; expected one"
                                + " for each <file>, in the same order, or each hash in FILE.sha256 next to its file.");
    }

    @Test
    void programs_may_write_the_archive() throws Exception {
        VerificationPlan plan = read(
                "<archive><command>restic dump 'the latest' /a.dump</command><filters><filter>age --decrypt -i key</filter>"
                        + "<filter>zstd -dc</filter></filters></archive>",
                Map.of());

        assertThat(plan.archive().origin().programs())
                .containsExactly(
                        List.of("restic", "dump", "the latest", "/a.dump"),
                        List.of("age", "--decrypt", "-i", "key"),
                        List.of("zstd", "-dc"));
        assertThat(plan.parameters())
                .containsEntry("archive.command", "restic | age | zstd")
                .containsEntry("archive.filters", "age,zstd");
        assertThat(problems("<archive><file>a</file><filters><filter>age</filter></filters></archive>", Map.of()))
                .containsExactly(
                        "<archive><filters> (-Dpgbackup.archive.filters) applies to the output of <command>, which is missing.");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "<identity><role>app</role></identity> | <identity><role> (-Dpgbackup.identity.role) is not recorded in an archive; with <archive>, only database and serverVersion can be asserted.",
                "<reference><maximumLoss>5%</maximumLoss></reference> | <reference> (-Dpgbackup.reference) compares an existing archive with the live source and needs both <archive> and <source>.",
                "<backup><jobs>2</jobs></backup> | <backup><jobs> (-Dpgbackup.backup.jobs) applies to a dump, but with <archive> no dump is taken; remove it.",
            })
    void a_tag_that_does_not_apply_to_an_archive_is_rejected(String xml, String sentence) {
        assertThat(problems("<archive><file>/a.dump</file></archive>" + xml, Map.of()))
                .containsExactly(sentence);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "<archive><sha256>12</sha256><file>a</file></archive> | <archive><sha256> (-Dpgbackup.archive.sha256) is '12'; expected 64 hexadecimal digits, as printed by sha256sum.",
                "<archive><maximumAge>1 day</maximumAge><file>a</file></archive> | <archive><maximumAge> (-Dpgbackup.archive.maximumAge) is '1 day'; expected a duration above zero and below ten years, such as 6h, 1d or PT6H.",
                "<archive><maximumAge>P1D</maximumAge></archive> | <archive><file> (-Dpgbackup.archive.file) is missing; expected a file or folder that pg_dump wrote, a pattern such as /backups/directus-*.dump, or a <command> that writes the archive.",
                "<archive><file>a</file><command>cat a</command></archive> | <archive><command> (-Dpgbackup.archive.command) and <file> are mutually exclusive.",
                "<archive><file>a</file><filters>age</filters></archive> | <archive><filters> (-Dpgbackup.archive.filters) applies to the output of <command>, which is missing.",
                "<archive><command>cat 'a secret</command></archive> | <archive><command> (-Dpgbackup.archive.command) cannot be read: a quote (') is not closed.",
                "<archive><file/></archive> | <archive><file> (-Dpgbackup.archive.file) is empty; expected a file or folder that pg_dump wrote, or a pattern.",
            })
    void problems_of_an_archive_are_reported(String xml, String sentence) {
        assertThat(problems(xml, Map.of())).containsExactly(sentence);
    }

    @Test
    void a_run_signs_by_a_server_of_the_settings() throws Exception {
        assertThat(read(SOURCE, Map.of()).trust().signatureServerId()).isNull();
        assertThat(read(SOURCE + "<signature><serverId>release</serverId></signature>", Map.of())
                        .trust()
                        .signatureServerId())
                .isEqualTo("release");
        assertThat(read(SOURCE, Map.of("pgbackup.signature.serverId", "ci"))
                        .trust()
                        .signatureServerId())
                .isEqualTo("ci");
        assertThat(problems(SOURCE + "<signature><privateKey>x</privateKey></signature>", Map.of()))
                .containsExactly(
                        "<signature><privateKey> (-Dpgbackup.signature.privateKey) does not belong in a POM; use <serverId>, which names a <server> in settings.xml that has the key.",
                        "<signature><serverId> (-Dpgbackup.signature.serverId) is missing: it names the <server> in settings.xml whose key signs the evidence.");
    }

    @Test
    void several_keys_are_trusted_as_text_or_as_files(@TempDir Path directory) throws Exception {
        String one = Keys.publicKey(Keys.privateKey("ed25519"));
        String other = Keys.publicKey(Keys.privateKey("ed25519"));
        Path file = Files.writeString(directory.resolve("other.pub"), other);
        String xml = "<identity><database>shop</database></identity><trustedKeys><trustedKey>" + one
                + "</trustedKey><trustedKey>" + file + "</trustedKey></trustedKeys>";

        EvidencePlan plan = new PlanReader(Map.<String, String>of()::get, Path.of("base"))
                .readEvidence(Xml.tag("<configuration>" + xml + "</configuration>"));

        assertThat(plan.proof().trustedKeys()).containsExactly(TrustedKey.parse(one), TrustedKey.parse(other));
        assertThat(plan.proof().requireArchive()).isTrue();
    }

    @Test
    void an_unusable_key_is_reported(@TempDir Path directory) throws Exception {
        String key = Keys.privateKey("ed25519");
        Path file = Files.writeString(directory.resolve("key"), key);
        String xml = "<configuration><identity><database>shop</database></identity><trustedKeys><trustedKey>" + key
                + "</trustedKey><trustedKey>" + file + "</trustedKey><trustedKey>nowhere.pub</trustedKey></trustedKeys>"
                + "</configuration>";

        InvalidConfigurationException thrown = catchThrowableOfType(
                InvalidConfigurationException.class,
                () -> new PlanReader(Map.<String, String>of()::get, directory).readEvidence(Xml.tag(xml)));

        String why = "is a private key, which must stay secret; generate a new key pair and use its public key.";
        assertThat(thrown.problems())
                .containsExactly(
                        "<trustedKeys> (-Dpgbackup.trustedKeys) has a key that " + why,
                        "<trustedKeys> (-Dpgbackup.trustedKeys) names " + file + ", which " + why,
                        "<trustedKeys> (-Dpgbackup.trustedKeys) names nowhere.pub, which cannot be read: "
                                + directory.resolve("nowhere.pub") + " does not exist.");
    }

    @Test
    void a_verdict_is_bound_to_a_commit_and_to_files(@TempDir Path project) throws Exception {
        Files.createDirectories(project.resolve("db"));
        Files.writeString(project.resolve("db/V1.sql"), "select 1");
        Files.writeString(project.resolve("db/notes.txt"), "x");
        String xml = "<configuration>" + SOURCE
                + "<boundTo><commit>auto</commit><includes><include>db/**</include></includes>"
                + "<excludes>**/*.txt</excludes></boundTo></configuration>";
        PlanReader reader = new PlanReader(Map.<String, String>of()::get, project)
                .withEnvironment(Map.of("GITHUB_SHA", "b".repeat(40)));

        BoundTo boundTo = reader.read(Xml.tag(xml)).trust().boundTo();

        assertThat(boundTo)
                .isEqualTo(new BoundTo(
                        Optional.of("b".repeat(40)), new TreeMap<>(Map.of("db/V1.sql", Sha256.of("select 1")))));
        assertThat(read(SOURCE, Map.of()).trust().boundTo()).isNull();
    }

    @Test
    void a_limit_without_a_history_is_reported() {
        assertThat(problems(SOURCE, Map.of("pgbackup.history.maximumGap", "P7D")))
                .containsExactly(
                        "<history><file> (-Dpgbackup.history.file) is missing: it says where to record the runs.");
    }

    @Test
    void a_live_source_with_an_archive_has_its_own_limits() throws Exception {
        VerificationPlan plan = read(
                SOURCE
                        + "<archive><file>/a.dump</file></archive><identity><role>app</role></identity>"
                        + "<history><file>/h.jsonl</file></history>"
                        + "<reference><tables><table><name>public.audit</name><maximumLoss>50%</maximumLoss></table></tables></reference>",
                Map.of("pgbackup.reference.maximumLoss", "2.5%"));

        assertThat(plan.source()).isNotNull();
        assertThat(plan.archive()).isNotNull();
        assertThat(plan.reference())
                .isEqualTo(new AllowedLoss(new BigDecimal("2.5"), Map.of("public.audit", new BigDecimal("50"))));
        assertThat(problems(SOURCE + "<reference><maximumLoss>5%</maximumLoss></reference>", Map.of()))
                .containsExactly(
                        "<reference> (-Dpgbackup.reference) compares an existing archive with the live source and needs both <archive> and <source>.");
        assertThat(problems(
                        SOURCE + "<archive><file>/a.dump</file></archive><comparison>schema</comparison>", Map.of()))
                .containsExactly(
                        "<source> (-Dpgbackup.source) needs counted rows when it is given with <archive>, but <comparison> is 'schema'; use rows or content.");
    }

    @Test
    void a_history_is_a_file_with_limits_and_a_page_next_to_it() throws Exception {
        assertThat(read(SOURCE, Map.of()).trust().history()).isNull();

        HistoryPlan history = read(
                        SOURCE
                                + "<history><file>/var/lib/backups/shop.jsonl</file><maximumLoss>5%</maximumLoss><maximumGap>P7D</maximumGap>"
                                + "<tables><table><name>public.\"Audit log\"</name><maximumLoss>12.5 %</maximumLoss></table></tables></history>",
                        Map.of("pgbackup.metricsFile", "/var/lib/node/backup.prom"))
                .trust()
                .history();

        assertThat(history)
                .isEqualTo(new HistoryPlan(
                        Path.of("/var/lib/backups/shop.jsonl"),
                        Path.of("/var/lib/backups/shop.html"),
                        new AllowedLoss(new BigDecimal("5"), Map.of("public.Audit log", new BigDecimal("12.5"))),
                        Duration.ofDays(7)));
        assertThat(history.loss().of("public.Audit log")).isEqualTo(new BigDecimal("12.5"));
        assertThat(history.loss().of("public.orders")).isEqualTo(new BigDecimal("5"));
        assertThat(read(SOURCE, Map.of("pgbackup.history.file", "/h.jsonl", "pgbackup.metricsFile", "/m.prom"))
                        .trust())
                .extracting(Trust::history, Trust::metricsFile)
                .containsExactly(
                        new HistoryPlan(Path.of("/h.jsonl"), Path.of("/h.html"), new AllowedLoss(null, Map.of()), null),
                        Path.of("/m.prom"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "<boundTo/> | <boundTo> names nothing to bind the evidence to; expected <commit> or <includes>.",
                "<boundTo><commit>main</commit></boundTo> | <boundTo><commit> (-Dpgbackup.boundTo.commit) is 'main'; expected auto, or the 40 or 64 hexadecimal digits of a commit.",
                "<boundTo><commit>auto</commit></boundTo> | <boundTo><commit> (-Dpgbackup.boundTo.commit) is 'auto'; neither git nor a CI server's variables name the commit; write it out.",
                "<boundTo><includes>db/**</includes></boundTo> | <boundTo><includes> (-Dpgbackup.boundTo.includes) has 'db/**', which matches no file below "
            })
    void an_invalid_binding_of_a_verdict_is_reported(String xml, String sentence, @TempDir Path project) {
        InvalidConfigurationException thrown = catchThrowableOfType(
                InvalidConfigurationException.class,
                () -> new PlanReader(Map.<String, String>of()::get, project)
                        .read(Xml.tag("<configuration>" + SOURCE + xml + "</configuration>")));

        assertThat(thrown.problems()).singleElement().asString().startsWith(sentence.strip());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "<sources/> | <configuration> has an unknown tag <sources>; did you mean <source>?",
                "<backup><formt>custom</formt></backup> | <backup> has an unknown tag <formt>; did you mean <format>?",
                "<restore><xyz/></restore> | <restore> has an unknown tag <xyz>.",
                "<expectations><tabel><name>a.b</name></tabel></expectations> | <expectations> has an unknown tag <tabel>; did you mean <table>?",
                "<expectations><table><name>a.b</name><row>1</row></table></expectations> | <expectations><table> of 'a.b' has an unknown tag <row>; did you mean <rows>?",
                "<protectedEnvironments><environment/></protectedEnvironments> | <protectedEnvironments> has an unknown tag <environment>."
            })
    void an_unknown_tag_is_reported_with_a_suggestion_and_the_known_tags(String xml, String sentence) {
        assertThat(problems(SOURCE + xml, Map.of()))
                .anySatisfy(problem -> assertThat(problem).startsWith(sentence + " Known tags: <"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "<backup><format>tar</format></backup> | <backup><format> (-Dpgbackup.backup.format) is 'tar'; expected one of custom, directory.",
                "<backup><jobs>0</jobs></backup> | <backup><jobs> (-Dpgbackup.backup.jobs) is '0'; expected a number from 1 to 128.",
                "<backup><format>custom</format><jobs>2</jobs></backup> | <backup><jobs> (-Dpgbackup.backup.jobs) is '2' with the custom format, which pg_dump writes with one job; use 1, or <format>directory</format>.",
                "<backup><maximumRate>20 MB/s</maximumRate><jobs>2</jobs></backup> | <backup><maximumRate> (-Dpgbackup.backup.maximumRate) is '20 MB/s' with the directory format, whose files pg_dump writes itself; use it with <format>custom</format>.",
                "<backup><maximumRate>20</maximumRate></backup> | <backup><maximumRate> (-Dpgbackup.backup.maximumRate) is '20'; write a number with the unit KiB, MiB or GiB (or kB, MB or GB, which PostgreSQL also takes for powers of 1024), at least 32 KiB/s, such as 20 MiB/s.",
                "<backup><maximumRate>20 MB/s</maximumRate><format>directory</format></backup> | <backup><maximumRate> (-Dpgbackup.backup.maximumRate) is '20 MB/s' with the directory format, whose files pg_dump writes itself; use it with <format>custom</format>.",
                "<history><maximumGap>P7D</maximumGap></history> | <history><file> (-Dpgbackup.history.file) is missing: it says where to record the runs.",
                "<history><file>h</file><maximumLoss>5</maximumLoss></history> | <history><maximumLoss> (-Dpgbackup.history.maximumLoss) is '5'; expected a percentage of the rows from 0% to 100%, such as 5%.",
                "<history><file>h</file><maximumLoss>101%</maximumLoss></history> | <history><maximumLoss> (-Dpgbackup.history.maximumLoss) is '101%'; expected a percentage of the rows from 0% to 100%, such as 5%.",
                "<history><file>h</file><tables><table><name>orders</name><maximumLoss>1%</maximumLoss></table></tables></history> | <history><tables><table><name> is 'orders'; expected schema.table.",
                "<history><file>h</file><tables><table><name>a.b</name></table></tables></history> | <history><tables><table><maximumLoss> of 'a.b' is missing: it is the percentage of rows that this table may lose.",
                "<comparison>schema</comparison><history><file>h</file><maximumLoss>1%</maximumLoss></history> | <history><maximumLoss> (-Dpgbackup.history.maximumLoss) needs counted rows, but <comparison> is 'schema'; use rows or content.",
                "<retries>-1</retries> | <retries> (-Dpgbackup.retries) is '-1'; expected a number from 0 (one attempt) to 99.",
                "<retryPause>30</retryPause> | <retryPause> (-Dpgbackup.retryPause) is '30'; expected a duration above zero and below 20 days, such as 30s, 10m, 2h or PT10M.",
                "<onLittleSpace>ignore</onLittleSpace> | <onLittleSpace> (-Dpgbackup.onLittleSpace) is 'ignore'; expected one of stop, warn.",
                "<timeout>5 min</timeout> | <timeout> (-Dpgbackup.timeout) is '5 min'; expected a duration above zero and below 20 days, such as 30s, 10m, 2h or PT10M.",
                "<identity><superuser>yes</superuser></identity> | <identity><superuser> (-Dpgbackup.identity.superuser) is 'yes'; expected true or false.",
                "<identity><role>${who}</role></identity> | <identity><role> (-Dpgbackup.identity.role) contains ${who}, but no such property is set.",
                "<comparison>none</comparison> | <comparison> (-Dpgbackup.comparison) is 'none' and there are no <expectations>, so nothing would be verified; add <expectations> or choose another comparison.",
                "<expectations><table><rows>1</rows></table></expectations> | <expectations><table><name> of entry 1 is missing: expected schema.table.",
                "<expectations><table><name/></table></expectations> | <expectations><table><name> of entry 1 is empty: expected schema.table.",
                "<expectations><table><name>a</name></table></expectations> | <expectations><table><name> is 'a'; expected schema.table.",
                "<expectations><table><name>a.b</name><rows>few</rows></table></expectations> | <expectations><table><rows> of 'a.b' is 'few'; expected a number or a range of numbers: 86 (exactly), [1,), [1,100], (,0].",
                "<expectations><table><name>a.b</name></table><table><name>A.B</name></table></expectations> | <expectations><table><name> repeats 'A.B'; each object may have only one expectation.",
                "<expectations><table><name>a.b</name><present>false</present><rows>0</rows></table></expectations> | <expectations><table><rows> of 'a.b' conflicts with <present>false</present>, which allows only the tag <name>.",
                "<expectations><table><name>a.b</name><name>c.d</name></table></expectations> | <expectations><table><name> of 'a.b' is given 2 times; expected one.",
                "<expectations><query><name>q</name><returns>1</returns></query></expectations> | <expectations><query><sql> of 'q' is missing: it is the query to run.",
                "<expectations><column><name>a.b.c</name><values/></column></expectations> | <expectations><column><values> of 'a.b.c' lists no <value>; for a column that is null in every row, use <distinct>0</distinct>.",
                "<expectations><column><name>a.b.c</name><others>true</others></column></expectations> | <expectations><column><others> of 'a.b.c' applies to values that <values> does not list, but <values> is missing."
            })
    void a_bad_value_is_reported_with_its_tag_and_what_is_expected(String xml, String sentence) {
        assertThat(problems(SOURCE + xml, Map.of())).containsExactly(sentence);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "<expectations><table rows='5'><name>a.b</name></table></expectations> | <expectations><table> of 'a.b' has the attribute 'rows', which has no effect; write the tag <rows> or remove it.",
                "<expectations strict='true'><table><name>a.b</name></table></expectations> | <expectations> has the attribute 'strict', which has no effect; write the tag <strict> or remove it.",
                "<expectations><table><name quoted='no'>a.b</name></table></expectations> | <expectations><table><name> of 'a.b' has the attribute 'quoted', which has no effect; write the tag <quoted> or remove it.",
                "<expectations><column><name>a.b.c</name><values><value is='x'><is>x</is></value></values></column></expectations> | <expectations><column><values><value> of entry 1 of 'a.b.c' has the attribute 'is', which has no effect; write the tag <is> or remove it.",
                "<identity database='shop'/> | <identity> has the attribute 'database', which has no effect; write the tag <database> or remove it.",
                "<timeout unit='min'>PT1M</timeout> | <timeout> has the attribute 'unit', which has no effect; write the tag <unit> or remove it.",
                "<protectedEnvironments><protectedEnvironment url='x'><name>p</name><container>c</container></protectedEnvironment></protectedEnvironments> | <protectedEnvironments><protectedEnvironment> of 'p' has the attribute 'url', which has no effect; write the tag <url> or remove it."
            })
    void an_attribute_without_effect_is_reported(String xml, String sentence) {
        assertThat(problems(SOURCE + xml, Map.of())).containsExactly(sentence);
    }

    @Test
    void attributes_that_maven_reads_are_accepted() throws Exception {
        assertThat(read(
                                SOURCE
                                        + "<expectations combine.children='append'><table combine.self='override'>"
                                        + "<name xml:space='preserve'>a.b</name></table></expectations>",
                                Map.of())
                        .expectations())
                .hasSize(1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "<expectations><table><name>a.${table}</name></table></expectations> | <expectations><table><name> contains ${table}, but no such property is set%s",
                "<expectations><query><name>q</name><sql>select '${x}'</sql><returns>1</returns></query></expectations> | <expectations><query><sql> of 'q' contains ${x}, but no such property is set%s",
                "<expectations><column><name>a.b.c</name><values><value><is>${x</is></value></values></column></expectations> | <expectations><column><values><value><is> of entry 1 of 'a.b.c' contains ${x, but no such property is set%s",
                "<expectations><index><name>a.b</name><definition>${x}</definition></index></expectations> | <expectations><index><definition> of 'a.b' contains ${x}, but no such property is set%s",
                "<expectations><table><name>a.b</name><rows>${x}</rows></table></expectations> | <expectations><table><rows> of 'a.b' contains ${x}, but no such property is set.",
                "<restore><toleratedDifferences><toleratedDifference><object>TABLE a.b</object><reason>${x}</reason></toleratedDifference></toleratedDifferences></restore> | <restore><toleratedDifferences><toleratedDifference><reason> of entry 1 contains ${x}, but no such property is set."
            })
    void a_property_that_is_not_set_is_reported_in_every_value(String xml, String sentence) {
        assertThat(problems(SOURCE + xml, Map.of()))
                .contains(sentence.replace(
                        "%s",
                        "; to use the text literally, move this expectation to a file of <expectationsFiles>"
                                + " (-Dpgbackup.expectationsFiles), where Maven replaces nothing."));
    }

    @Test
    void a_url_without_a_database_causes_a_warning_unless_the_database_is_asserted() throws Exception {
        String url = "<source><url>jdbc:postgresql://db:5432/</url></source>";

        assertThat(read(url, Map.of()).warnings())
                .containsExactly(
                        "<source><url> (-Dpgbackup.source.url) names no database, so PostgreSQL uses the one with the role's name. Write the name into the URL, as in"
                                + " jdbc:postgresql://host:port/database, or assert it: <identity><database>"
                                + " (-Dpgbackup.identity.database).");
        assertThat(read(url + "<identity><database>shop</database></identity>", Map.of())
                        .warnings())
                .isEmpty();
    }

    @Test
    void parameters_are_kept_as_they_are_in_effect_without_secrets() throws Exception {
        VerificationPlan plan = read(
                "<source><url>jdbc:postgresql://db/shop?options=-c%20x=canary</url><serverId>s</serverId></source>"
                        + "<protectedEnvironments><protectedEnvironment><name>p</name><container>c</container>"
                        + "</protectedEnvironment></protectedEnvironments>"
                        + "<restore><toleratedDifferences><toleratedDifference><object>TABLE a.b</object>"
                        + "<reason>r</reason></toleratedDifference></toleratedDifferences></restore>",
                Map.of("pgbackup.backup.directory", "/backups"));

        assertThat(plan.parameters())
                .containsEntry("source.url", "db:5432/shop")
                .containsEntry("source.serverId", "s")
                .containsEntry("backup.directory", "/backups")
                .containsEntry("backup.keepArchive", "always")
                .containsEntry("comparison", "rows")
                .containsEntry("restore.roles", "provision")
                .containsEntry("maximumBlocking", "PT5S")
                .containsEntry("failOnViolation", "true")
                .containsEntry("protectedEnvironments", "p at container c")
                .containsEntry("restore.toleratedDifferences", "TABLE a.b (r)");
        assertThat(plan.parameters().values()).noneMatch(value -> value.contains("canary"));
        assertThat(plan.backup().directory()).isEqualTo(Path.of("/backups"));
    }

    @Test
    void archives_are_not_stored_where_a_clean_build_deletes_them() {
        PlanReader reader = new PlanReader(Map.<String, String>of()::get, Path.of("/app"))
                .withBuildDirectory(Path.of("/app/target"));

        InvalidConfigurationException invalid = catchThrowableOfType(
                InvalidConfigurationException.class,
                () -> reader.read(Xml.tag("<configuration>" + SOURCE
                        + "<backup><directory>target/backups</directory></backup></configuration>")));

        assertThat(invalid.problems())
                .containsExactly(
                        "<backup><directory> (-Dpgbackup.backup.directory) is /app/target/backups, inside /app/target, which mvn clean deletes; choose a directory outside of it.");
    }

    private static BackupPlan readBackup(String xml, Map<String, String> properties)
            throws InvalidConfigurationException {
        return new PlanReader(properties::get, Path.of("/app"))
                .withBuildDirectory(Path.of("/app/target"))
                .readBackup(Xml.tag("<configuration>" + SOURCE + xml + "</configuration>"));
    }

    @Test
    void a_backup_is_kept_where_its_own_tag_says_or_else_with_verified_ones() throws Exception {
        BackupPlan plan = readBackup(
                "<directory>backups</directory><backup><directory>/others</directory></backup>"
                        + "<command>/bin/dump 'a b' \"it's\" -x</command><comparison>content</comparison>",
                Map.of("pgbackup.backup.compression", "none"));

        assertThat(plan.directory()).isEqualTo(Path.of("/app/backups"));
        assertThat(plan.command()).containsExactly("/bin/dump", "a b", "it's", "-x");
        assertThat(plan.run().comparison()).isEqualTo(Comparison.CONTENT);
        assertThat(readBackup("", Map.of("pgbackup.backup.directory", "/backups"))
                        .directory())
                .isEqualTo(Path.of("/backups"));
        assertThat(readBackup("", Map.of("pgbackup.directory", "/backups"))
                        .run()
                        .backup()
                        .format())
                .hasToString("custom");
        assertThat(readBackup("<backup><jobs>2</jobs></backup>", Map.of("pgbackup.directory", "/backups"))
                        .run()
                        .backup()
                        .format())
                .isNull();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "<comparison>rows</comparison> | <directory> (-Dpgbackup.directory) is missing: it says where to keep the backup.",
                "<directory>target/b</directory> | <directory> (-Dpgbackup.directory) is /app/target/b, inside /app/target, which mvn clean deletes; choose a directory outside of it.",
                "<directory>/b</directory><command> </command> | <command> (-Dpgbackup.command) is empty; expected a program and its arguments.",
                "<directory>/b</directory><command>dump 'a</command> | <command> (-Dpgbackup.command) is 'dump 'a'; a quote (') is not closed.",
                "<directory>/b</directory><restore/> | <configuration> has an unknown tag <restore>.",
            })
    void settings_with_which_no_backup_can_be_taken_are_rejected(String xml, String sentence) {
        InvalidConfigurationException invalid =
                catchThrowableOfType(InvalidConfigurationException.class, () -> readBackup(xml, Map.of()));

        assertThat(invalid.problems()).singleElement().asString().startsWith(sentence);
    }

    @Test
    void a_command_cannot_reach_a_source_that_is_a_container() {
        InvalidConfigurationException invalid = catchThrowableOfType(
                InvalidConfigurationException.class,
                () -> new PlanReader(Map.<String, String>of()::get, Path.of("/app"))
                        .readBackup(
                                Xml.tag("<configuration><source><container>c</container><database>d</database></source>"
                                        + "<directory>/b</directory><command>dump</command></configuration>")));

        assertThat(invalid.problems())
                .containsExactly(
                        "<command> (-Dpgbackup.command) runs on this machine, but the source is a container that only docker exec can reach; use <source><url> instead.");
    }

    @Test
    void a_source_says_which_database_evidence_must_be_about() throws Exception {
        EvidencePlan plan = new PlanReader(Map.<String, String>of()::get, Path.of("base"))
                .readEvidence(Xml.tag("<configuration>" + SOURCE + "</configuration>"));

        assertThat(plan.source()).isNotNull();
        assertThat(plan.source().url()).hasToString("db:5432/shop");
    }

    @Test
    void a_source_may_be_a_database_in_a_container() throws Exception {
        VerificationPlan plan = read("""
                <source><container>postgres</container><database>Direct us</database><user>workflow_admin</user></source>
                <identity><container>postgres</container></identity>
                <protectedEnvironments><protectedEnvironment>
                    <name>dry run</name><container>pg-dryrun-1</container>
                </protectedEnvironment></protectedEnvironments>
                <restore><image>postgis/postgis:16-3.4</image></restore>""", Map.of());

        assertThat(plan.source().url().container()).contains("postgres");
        assertThat(plan.source().url()).hasToString("container postgres/Direct us");
        assertThat(plan.identity().container()).contains("postgres");
        assertThat(plan.protectedEnvironments())
                .containsExactly(new ProtectedEnvironment("dry run", null, "pg-dryrun-1"));
        assertThat(plan.restore().engine()).isEqualTo(EngineChoice.AUTO);
        assertThat(plan.restore().image()).isEqualTo("postgis/postgis:16-3.4");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "<source><container>c</container><database>d</database><url>jdbc:postgresql://db/shop</url></source> | <source><url> (-Dpgbackup.source.url) and <container> are mutually exclusive.",
                "<source><container>c</container></source> | <source><database> (-Dpgbackup.source.database) is missing: it names the database in the container.",
                "<source><url>jdbc:postgresql://db/shop</url><database>d</database></source> | <source><database> (-Dpgbackup.source.database) applies only to a <container>; with a <url>, the URL names the database.",
                "<source><url>jdbc:postgresql://db/shop</url></source><identity><container>c</container></identity> | <identity><container> (-Dpgbackup.identity.container) asserts a container, but the source is a URL; use it with <source><container>.",
                "<source><container>c</container><database>d</database></source><backup><format>directory</format></backup> | <backup><format> (-Dpgbackup.backup.format) is 'directory', but the source is a container, where pg_dump would have to write the files; use custom, which leaves the container as a stream.",
                "<source><url>jdbc:postgresql://db/shop</url></source><restore><engine>local</engine><image>postgres:16</image></restore> | <restore><image> (-Dpgbackup.restore.image) is 'postgres:16', but the engine is local; use the engine auto or container.",
                "<source><url>jdbc:postgresql://db/shop</url></source><protectedEnvironments><protectedEnvironment><name>p</name><container>c</container><serverId>s</serverId></protectedEnvironment></protectedEnvironments> | <protectedEnvironments><protectedEnvironment><serverId> of 'p' applies only to a <url>; a container is inspected through the Docker daemon."
            })
    void settings_that_a_container_excludes_are_reported(String xml, String sentence) {
        assertThat(problems(xml, Map.of())).containsExactly(sentence);
    }

    @Test
    void all_problems_are_reported_at_once() {
        assertThat(problems("<backup><format>tar</format></backup><timeout>x</timeout>", Map.of()))
                .hasSize(3)
                .anyMatch(problem -> problem.startsWith(
                        "<source><url> (-Dpgbackup.source.url) is missing; expected a JDBC URL such as"));
    }

    @ParameterizedTest
    @CsvSource({
        "<source><url>jdbc:postgresql://me:canary@db/shop</url></source>",
        "<source><url>jdbc:postgresql://db/shop?password=canary&amp;sslmode=${mode}</url></source>",
        "<source><url>jdbc:postgresql://db/shop?password=canary&amp;nonsense=1</url></source>",
        "<source><ulr>jdbc:postgresql://db/shop?password=canary</ulr></source>",
        "<source>jdbc:postgresql://db/shop?password=canary</source>",
        "<source><url>jdbc:postgresql://db/shop</url><password>canary</password></source>"
    })
    void no_problem_repeats_a_password(String xml) {
        assertThat(problems(xml, Map.of())).isNotEmpty().noneMatch(problem -> problem.contains("canary"));
    }

    @Test
    void a_property_stands_in_for_a_missing_tag() throws Exception {
        VerificationPlan plan = read(
                "", Map.of("pgbackup.source.url", "jdbc:postgresql://db/shop", "pgbackup.backup.format", "directory"));

        assertThat(plan.backup().format()).hasToString("directory");
        assertThat(plan.warnings()).isEmpty();
    }

    @Test
    void the_tag_wins_over_a_property_with_a_warning() throws Exception {
        VerificationPlan plan = read(
                SOURCE + "<backup><format>custom</format></backup>", Map.of("pgbackup.backup.format", "directory"));

        assertThat(plan.backup().format()).hasToString("custom");
        assertThat(plan.warnings())
                .containsExactly(
                        "<backup><format> has a value in the POM, so the other value of the property pgbackup.backup.format is not used. Remove the tag to use the property.");
    }

    @Test
    void a_property_that_no_goal_reads_is_reported_with_a_suggestion() {
        assertThat(PlanReader.unknownProperties(List.of(
                        "pgbackup.sorce.url",
                        "pgbackup.url",
                        "pgbackup.jobs",
                        "pgbackup.whatever",
                        "pgbackup.source.password",
                        "pgbackup.include",
                        "pgbackup.demands",
                        "pgbackup.source.url",
                        "pgbackup.restore.maximumDuration",
                        "pgbackup.outputFile",
                        "pgbackup.skip",
                        "maven.repo.local")))
                .containsExactly(
                        "The property pgbackup.jobs is unknown and is ignored; did you mean"
                                + " pgbackup.backup.jobs or pgbackup.restore.jobs?",
                        "The property pgbackup.sorce.url is unknown and is ignored; did you mean"
                                + " pgbackup.source.url?",
                        "The property pgbackup.url is unknown and is ignored; did you mean" + " pgbackup.source.url?",
                        "The property pgbackup.whatever is unknown and is ignored.");
    }

    private static VerificationPlan read(String xml, Map<String, String> properties)
            throws InvalidConfigurationException {
        return new PlanReader(properties::get, Path.of("base"))
                .read(Xml.tag("<configuration>" + xml + "</configuration>"));
    }

    private static List<String> problems(String xml, Map<String, String> properties) {
        InvalidConfigurationException invalid =
                catchThrowableOfType(InvalidConfigurationException.class, () -> read(xml, properties));
        assertThat(invalid).as(xml).isNotNull();
        return invalid.problems();
    }
}
