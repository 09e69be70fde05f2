package io.github.pgbackup.description;

import io.github.pgbackup.postgres.Session;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The description of a database in memory. With it, the same database can be compared repeatedly, each time after a small change. The
 * rules for differences are the same as between a source and its restored database.
 */
public final class KnownDescription implements AutoCloseable {

    private final Session session;
    private final Describer describer;
    private final ReferenceDatabase reference;
    private final DescriptionFile.Header header;
    private final Canonical canonical;
    private final boolean superuser;
    private final DescriptionFindings.Servers servers;
    private final Map<String, Map<String, DescribedRow>> known;
    private final Map<String, String> members;

    private KnownDescription(Session session, boolean withRoles, boolean superuser, DescriptionFindings.Servers servers)
            throws SQLException {
        this.session = session;
        this.superuser = superuser;
        this.servers = servers;
        this.describer = Describer.of(session, "");
        this.reference = new ReferenceDatabase(session, describer, servers);
        this.header = describer.header();
        this.canonical = new Canonical(header, header, withRoles);
        this.known = new HashMap<>();
        this.members = new TreeMap<>();
        describer.describe(row -> {
            known.computeIfAbsent(row.catalog(), catalog -> new LinkedHashMap<>())
                    .put(row.identity(), row);
            DescriptionComparison.noteMembership(row, members);
        });
    }

    private KnownDescription(KnownDescription other, Session session) throws SQLException {
        this.session = session;
        this.superuser = other.superuser;
        this.servers = other.servers;
        this.describer = other.describer.on(session);
        this.reference = new ReferenceDatabase(session, describer, servers);
        this.header = other.header;
        this.canonical = other.canonical;
        this.known = other.known;
        this.members = other.members;
    }

    /** The same description, for comparison with another database of the same server; must be closed separately. */
    public KnownDescription on(Session other) throws SQLException {
        return new KnownDescription(this, other);
    }

    /**
     * Describes the current state of the database.
     *
     * @param session in a transaction; later comparisons use the same session
     * @param withRoles whether to compare owners and privileges
     * @param superuser whether a superuser took the dump
     */
    public static KnownDescription of(
            Session session, boolean withRoles, boolean superuser, DescriptionFindings.Servers servers)
            throws SQLException {
        return new KnownDescription(session, withRoles, superuser, servers);
    }

    /**
     * The changes since then.
     *
     * @param any whether any row has changed, excused or not
     * @param first the first difference that no rule excuses; null for none
     */
    public record Changes(boolean any, @Nullable Finding first) {}

    /**
     * Compares the current state, in the session's transaction.
     *
     * @param catalogs the catalogs that were written to since; empty when unknown, and then all are compared
     * @param counts whether to count a difference that no rule excuses
     */
    public Changes changes(Set<String> catalogs, Predicate<Finding> counts) throws SQLException {
        DescriptionComparison.Result result = compare(catalogs);
        if (result.differences().isEmpty()) {
            return new Changes(false, null);
        }
        Excuses excuses = new Excuses(session, reference, header, header.major(), superuser, result);
        Optional<Finding> first =
                DescriptionFindings.judge(result, excuses, session, Reparse.within(session)).differences().stream()
                        .filter(counts)
                        .findFirst();
        return new Changes(true, first.orElse(null));
    }

    private DescriptionComparison.Result compare(Set<String> catalogs) throws SQLException {
        Map<String, Map<String, DescribedRow>> now = new HashMap<>();
        Map<String, String> membersNow = new TreeMap<>(members);
        describer.omitPristine();
        Describer.Rows rows = row -> {
            now.computeIfAbsent(row.catalog(), catalog -> new LinkedHashMap<>()).put(row.identity(), row);
            DescriptionComparison.noteMembership(row, membersNow);
        };
        Set<String> compared = new TreeSet<>(catalogs);
        if (catalogs.isEmpty()) {
            describer.describe(rows);
            compared.addAll(known.keySet());
            compared.addAll(now.keySet());
        } else {
            describer.describe(catalogs, rows);
        }
        List<Difference> differences = new ArrayList<>();
        for (String catalog : compared) {
            Map<String, DescribedRow> before = known.getOrDefault(catalog, Map.of());
            Map<String, DescribedRow> after = now.getOrDefault(catalog, Map.of());
            before.forEach((identity, row) -> {
                DescribedRow other = after.get(identity);
                if (other == null) {
                    differences.add(new Difference(row, null, "", null, null));
                } else if (!other.properties().equals(row.properties())) {
                    differences.addAll(DescriptionComparison.properties(canonical, row, other));
                }
            });
            after.values().stream()
                    .filter(row -> !before.containsKey(row.identity()))
                    .sorted(Comparator.comparing(DescribedRow::identity))
                    .forEach(row -> differences.add(new Difference(null, row, "", null, null)));
        }
        return new DescriptionComparison.Result(differences, Map.of(), List.of(), members, membersNow);
    }

    @Override
    public void close() throws SQLException {
        reference.close();
    }
}
