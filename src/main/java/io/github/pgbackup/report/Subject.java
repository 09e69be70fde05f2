package io.github.pgbackup.report;

import io.github.pgbackup.evidence.VerificationReport;
import io.github.pgbackup.source.Element;
import io.github.pgbackup.source.JdbcUrl;
import java.util.Map;
import java.util.Optional;

/**
 * The database of a run, and its server. The archive or the source names them; if the run reached neither, the
 * configuration does.
 *
 * @param server host and port, a container, or the archive
 */
record Subject(String database, String server) {

    /** The subject of a report; empty if not even the configuration names it. */
    static Optional<Subject> of(VerificationReport report) {
        VerificationReport.Acquired acquired = report.acquired();
        return acquired.archive()
                .flatMap(Subject::given)
                .or(() -> acquired.source().map(source -> new Subject(source.database(), source.server())))
                .or(() -> report.context().flatMap(context -> configured(context.parameters())));
    }

    private static Optional<Subject> given(VerificationReport.Archive archive) {
        return archive.given().map(given -> new Subject(given.database(), "archive " + archive.path()));
    }

    private static Optional<Subject> configured(Map<String, String> parameters) {
        String asserted = parameters.getOrDefault("identity.database", "");
        String container = parameters.get("source.container");
        if (container != null) {
            return Optional.of(
                    new Subject(parameters.getOrDefault("source.database", asserted), "container " + container));
        }
        String url = parameters.get("source.url");
        if (url != null && JdbcUrl.problems(url, Element.SOURCE).isEmpty()) {
            JdbcUrl parsed = JdbcUrl.parse(url, Element.SOURCE);
            return Optional.of(new Subject(
                    parsed.namedDatabase().orElse(asserted.isEmpty() ? "(not named)" : asserted), parsed.servers()));
        }
        return Optional.ofNullable(parameters.getOrDefault("archive.file", parameters.get("archive.command")))
                .map(archive -> new Subject(asserted.isEmpty() ? "(not read)" : asserted, "archive " + archive));
    }
}
