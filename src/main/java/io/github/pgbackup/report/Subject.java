package io.github.pgbackup.report;

import io.github.pgbackup.evidence.VerificationReport;
import io.github.pgbackup.source.Element;
import io.github.pgbackup.source.JdbcUrl;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The database that a run is about, and the server that it is on: as the archive or the source said, else, where the run did
 * not reach either, as the configuration says.
 *
 * @param server host and port, a container, or the archive
 */
record Subject(String database, String server) {

    /** Null where not even the configuration says it. */
    static @Nullable Subject of(VerificationReport report) {
        VerificationReport.Archive archive = report.archive();
        if (archive != null && archive.given() != null) {
            return new Subject(archive.given().database(), "archive " + archive.path());
        }
        VerificationReport.Source source = report.source();
        if (source != null) {
            return new Subject(source.database(), source.server());
        }
        VerificationReport.Method method = report.method();
        return method == null ? null : configured(method.parameters());
    }

    private static @Nullable Subject configured(Map<String, String> parameters) {
        String asserted = parameters.getOrDefault("identity.database", "");
        String container = parameters.get("source.container");
        if (container != null) {
            return new Subject(parameters.getOrDefault("source.database", asserted), "container " + container);
        }
        String url = parameters.get("source.url");
        if (url != null && JdbcUrl.problems(url, Element.SOURCE).isEmpty()) {
            JdbcUrl parsed = JdbcUrl.parse(url, Element.SOURCE);
            return new Subject(
                    parsed.namedDatabase().orElse(asserted.isEmpty() ? "(not named)" : asserted), parsed.servers());
        }
        String archive = parameters.getOrDefault("archive.file", parameters.get("archive.command"));
        return archive == null ? null : new Subject(asserted.isEmpty() ? "(not read)" : asserted, "archive " + archive);
    }
}
