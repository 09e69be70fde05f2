package io.github.pgbackup.baseline;

import io.github.pgbackup.description.DescriptionFile;
import io.github.pgbackup.description.DescriptionFindings;
import io.github.pgbackup.description.Finding;
import io.github.pgbackup.postgres.Session;
import java.io.IOException;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The source as its own catalogs describe it.
 *
 * @param salt the salt for digests of secret values
 * @param superuser whether a superuser took the dump
 * @param descriptions one description, or two when it had changed after the dump
 */
public record SourceDescription(String salt, boolean superuser, List<DescriptionFile> descriptions) {

    public SourceDescription {
        descriptions = List.copyOf(descriptions);
    }

    /**
     * Compares the restored database with the description. If there are two, only a difference from both counts.
     *
     * @param restored in a transaction that reads
     */
    public DescriptionFindings compare(Session restored, boolean withRoles, DescriptionFindings.Servers servers)
            throws SQLException, IOException {
        DescriptionFindings findings = compare(descriptions.get(0), restored, withRoles, servers);
        for (DescriptionFile other : descriptions.subList(1, descriptions.size())) {
            if (!findings.differences().isEmpty()) {
                findings = inBoth(findings, compare(other, restored, withRoles, servers));
            }
        }
        return findings;
    }

    private DescriptionFindings compare(
            DescriptionFile description, Session restored, boolean withRoles, DescriptionFindings.Servers servers)
            throws SQLException, IOException {
        return DescriptionFindings.of(description, restored, salt, withRoles, superuser, servers);
    }

    private static DescriptionFindings inBoth(DescriptionFindings findings, DescriptionFindings others) {
        Set<String> names = others.differences().stream().map(Finding::name).collect(Collectors.toSet());
        List<Finding> both = findings.differences().stream()
                .filter(finding -> names.contains(finding.name()))
                .toList();
        return new DescriptionFindings(both, findings.excused(), findings.compared(), findings.rules());
    }
}
