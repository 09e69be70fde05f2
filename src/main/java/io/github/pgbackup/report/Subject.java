package io.github.pgbackup.report;

import io.github.pgbackup.evidence.VerificationReport;
import io.github.pgbackup.source.Element;
import io.github.pgbackup.source.JdbcUrl;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The database of a run, and its server. The archive or the source names them; if the run reached neither, the
 * configuration does.
 *
 * @param server host and port, a container, or the archive
 */
record Subject(String database, String server) {

    /** The subject of a report; null if not even the configuration names it. */
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
