package io.github.pgbackup.report;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonParseException;
import com.google.gson.annotations.SerializedName;
import io.github.pgbackup.evidence.Check;
import io.github.pgbackup.evidence.EvidenceFile;
import io.github.pgbackup.evidence.Verdict;
import io.github.pgbackup.evidence.VerificationReport;
import io.github.pgbackup.signature.Envelope;
import io.github.pgbackup.signature.SigningKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What is signed about a run: an in-toto statement (https://in-toto.io/Statement/v1) that the archive, identified by
 * its SHA-256, has passed or failed, with the list of all other evidence.
 *
 * @param subject the archive
 */
record SignedResult(
        @SerializedName("_type") String type, List<Resource> subject, String predicateType, Predicate predicate) {

    static final String PAYLOAD_TYPE = "application/vnd.in-toto+json";
    static final String PREDICATE_TYPE = "https://in-toto.io/attestation/test-result/v0.1";
    static final String PASSED = "PASSED";

    private static final String TYPE = "https://in-toto.io/Statement/v1";
    private static final String FAILED = "FAILED";
    private static final String DEMANDS = "demands";
    private static final Gson GSON = new GsonBuilder().disableHtmlEscaping().create();

    /** Something with a name, and its digests by algorithm. */
    record Resource(String name, @Nullable Map<String, String> digest) {

        static Resource of(String name, String sha256) {
            return new Resource(name, Map.of("sha256", sha256));
        }

        boolean is(String otherName, String sha256) {
            return otherName.equals(name) && sha256.equals(sha256());
        }

        String sha256() {
            return digest == null ? "" : String.valueOf(digest.get("sha256"));
        }
    }

    /**
     * What the test was, and its result. The names are those of {@code test-result/v0.1}, which allows a producer to
     * add members whose name is a URL.
     *
     * @param configuration the demands, and the commit and the files to which the result is bound
     */
    record Predicate(
            String result,
            List<Resource> configuration,
            List<String> passedTests,
            List<String> failedTests,

            @SerializedName("https://github.com/pgbackup/pgbackup-maven-plugin/evidence/v1")
            Evidenced evidence) {}

    /**
     * The evidence next to the envelope.
     *
     * @param files the list of all files, {@code SHA256SUMS}
     * @param startedAt when the run began, ISO-8601
     */
    record Evidenced(
            Resource files, String startedAt, @Nullable String database) {}

    /**
     * Signs a result.
     *
     * @param listSha256 SHA-256 of {@code SHA256SUMS}
     * @return the envelope; empty if the backup was not verified, because then there is no result to sign
     */
    static Optional<String> sign(VerificationReport report, String listSha256, SigningKey key) {
        return report.verdict() == Verdict.NOT_VERIFIED
                ? Optional.empty()
                : report.acquired()
                        .archive()
                        .flatMap(archive -> report.context().map(context -> of(report, archive, context, listSha256)))
                        .map(statement -> Envelope.sign(PAYLOAD_TYPE, GSON.toJson(statement), key)
                                .toString());
    }

    private static SignedResult of(
            VerificationReport report,
            VerificationReport.Archive archive,
            VerificationReport.Context context,
            String listSha256) {
        return new SignedResult(
                TYPE,
                List.of(Resource.of(archive.path(), archive.sha256())),
                PREDICATE_TYPE,
                new Predicate(
                        report.verdict() == Verdict.PASS ? PASSED : FAILED,
                        configuration(context),
                        titles(report.checks().stream().filter(Check::passed)),
                        titles(report.failedChecks().stream()),
                        new Evidenced(
                                Resource.of(EvidenceFile.CHECKSUMS.toString(), listSha256),
                                report.outcome().startedAt().toString(),
                                report.acquired()
                                        .source()
                                        .map(VerificationReport.Source::database)
                                        .orElse(null))));
    }

    private static List<Resource> configuration(VerificationReport.Context context) {
        List<Resource> configuration = new ArrayList<>();
        configuration.add(Resource.of(DEMANDS, context.demands().sha256()));
        context.boundTo().ifPresent(boundTo -> {
            boundTo.commit().ifPresent(id -> configuration.add(new Resource("commit", Map.of("gitCommit", id))));
            boundTo.files().forEach((name, sha256) -> configuration.add(Resource.of(name, sha256)));
        });
        return configuration;
    }

    private static List<String> titles(Stream<Check> checks) {
        return checks.map(Check::title).map(Printable::text).toList();
    }

    /**
     * Reads what was signed.
     *
     * @throws IllegalArgumentException if it is something else
     */
    static SignedResult read(Envelope envelope) {
        try {
            SignedResult statement = GSON.fromJson(envelope.payload(), SignedResult.class);
            if (!envelope.payloadType().equals(PAYLOAD_TYPE)
                    || !TYPE.equals(statement.type())
                    || !PREDICATE_TYPE.equals(statement.predicateType())) {
                throw new IllegalArgumentException("it signs something other than a test result");
            }
            if (Stream.of(
                            statement.predicate().result(),
                            statement.predicate().configuration(),
                            statement.predicate().evidence().files(),
                            statement.predicate().evidence().startedAt(),
                            statement.subject())
                    .anyMatch(Objects::isNull)) {
                throw new IllegalArgumentException("it lacks something that this plugin signs");
            }
            return statement;
        } catch (JsonParseException | NullPointerException e) {
            throw new IllegalArgumentException("it lacks something that this plugin signs", e);
        }
    }

    boolean isAbout(String path, String sha256) {
        return subject.stream().anyMatch(each -> each.is(path, sha256));
    }

    boolean demands(String sha256) {
        return predicate.configuration().stream().limit(1).anyMatch(each -> each.is(DEMANDS, sha256));
    }
}
