package io.github.pgbackup.report;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.github.pgbackup.Remedy;
import io.github.pgbackup.evidence.EvidenceFile;
import io.github.pgbackup.plan.DatabaseAddress;
import io.github.pgbackup.plan.EvidencePlan;
import io.github.pgbackup.postgres.PostgresVersion;
import io.github.pgbackup.provenance.BoundTo;
import io.github.pgbackup.source.Identity;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Checks whether the evidence that another run wrote proves that the backup is good. Evidence that cannot be read, or
 * that does not say what it must, is refused.
 */
public final class EvidenceCheck {

    /** The clocks of two CI hosts can differ. */
    private static final Duration CLOCK_SKEW = Duration.ofMinutes(5);

    /** Maximum number of bytes to read into memory: enough for a database with half a million tables. */
    private static final long LONGEST = 200_000_000;

    private final EvidencePlan plan;
    private final Path folder;
    private final Instant now;
    private final List<String> problems = new ArrayList<>();
    private String facts = "";

    private EvidenceCheck(EvidencePlan plan, Path folder, Instant now) {
        this.plan = plan;
        this.folder = folder;
        this.now = now;
    }

    /**
     * The result of the check.
     *
     * @param problems a sentence each, with its remedy; empty if the evidence is accepted
     * @param facts a line about the evidence; empty if it cannot be read
     */
    public record Result(List<String> problems, String facts) {
        public Result {
            problems = List.copyOf(problems);
        }
    }

    /** Checks the folder that a run of {@code verify-backup} has written. */
    public static Result of(EvidencePlan plan, Path folder, Instant now) {
        EvidenceCheck check = new EvidenceCheck(plan, folder, now);
        check.inspect();
        // The evidence, including its file names, may come from anyone.
        return new Result(check.problems.stream().map(Printable::text).toList(), Printable.text(check.facts));
    }

    private void inspect() {
        Path file = EvidenceFile.JSON.in(folder);
        if (!Files.isRegularFile(file)) {
            problem("There is no evidence: " + file + " is missing.", Remedy.BRING_THE_WHOLE_FOLDER);
            return;
        }
        if (isTooLong(file)) {
            return;
        }
        Map<String, String> sums = checksums();
        if (!sums.isEmpty() && !sums.containsKey(EvidenceFile.JSON.toString())) {
            problem(
                    EvidenceFile.JSON + " is not listed in " + EvidenceFile.CHECKSUMS + ".",
                    Remedy.BRING_THE_WHOLE_FOLDER);
        }
        try {
            JsonElement json = JsonParser.parseString(Files.readString(file, StandardCharsets.UTF_8));
            inspect(json.getAsJsonObject(), sums);
        } catch (IOException
                | JsonParseException
                | IllegalStateException
                | UnsupportedOperationException
                | IllegalArgumentException
                | DateTimeParseException e) {
            problem(file + " cannot be read: " + e.getMessage() + ".", Remedy.BRING_THE_WHOLE_FOLDER);
        }
    }

    private boolean isTooLong(Path file) {
        try {
            long bytes = Files.size(file);
            if (bytes > LONGEST) {
                problem(
                        file + " is too large: expected at most " + Wording.size(LONGEST) + ", actual "
                                + Wording.size(bytes) + ".",
                        Remedy.BRING_THE_WHOLE_FOLDER);
            }
            return bytes > LONGEST;
        } catch (IOException e) {
            problem(file + " cannot be read: " + e.getMessage() + ".", Remedy.BRING_THE_WHOLE_FOLDER);
            return true;
        }
    }

    private Map<String, String> checksums() {
        if (!Files.isRegularFile(EvidenceFile.CHECKSUMS.in(folder))) {
            problem(
                    "The evidence has no checksums: " + EvidenceFile.CHECKSUMS.in(folder) + " is missing.",
                    Remedy.BRING_THE_WHOLE_FOLDER);
            return Map.of();
        }
        try {
            SortedMap<String, String> sums = Checksums.listed(folder);
            List<String> differences =
                    Checksums.differences(folder, plan.proof().requireArchive() ? sums : Checksums.there(folder, sums));
            problems.addAll(differences);
            if (differences.stream().anyMatch(each -> each.startsWith(Checksums.DUMP))) {
                problems.add(Remedy.BRING_THE_ARCHIVE_ALONG.text());
            }
            return sums;
        } catch (IOException e) {
            problem(
                    "The checksums cannot be checked: " + EvidenceFile.CHECKSUMS.in(folder) + ": " + e.getMessage()
                            + ".",
                    Remedy.BRING_THE_WHOLE_FOLDER);
            return Map.of();
        }
    }

    private void inspect(JsonObject json, Map<String, String> sums) {
        String schema = text(json, "schemaVersion");
        if (!schema.startsWith("1.")) {
            problem(
                    "The evidence has schema version " + schema + "; expected 1.x.",
                    Remedy.CHECK_BY_THE_VERSION_THAT_WROTE_IT);
            return;
        }
        String verdict = text(json, "verdict");
        if (!verdict.equals("PASS")) {
            problem(
                    "The verdict is " + verdict + "; expected PASS.",
                    Remedy.readTheSummary(EvidenceFile.SUMMARY.in(folder).toString()));
            return;
        }
        JsonArray checks = required(json, "checks").getAsJsonArray();
        boolean allPassed = checks.asList().stream()
                .allMatch(check -> required(check.getAsJsonObject(), "passed").getAsBoolean());
        if (checks.isEmpty() || !allPassed) {
            problem("The verdict is PASS, but not every check in the evidence passed.", Remedy.BRING_THE_WHOLE_FOLDER);
        }
        if (json.has("handOver") && !member(json, "handOver").has("lasted")) {
            problem(
                    "start handed over the restored database, but stop has not recorded that it is gone.",
                    Remedy.START_AGAIN_AND_STOP);
        }
        if (json.has("archive") && member(json, "archive").has("given")) {
            String baseline = json.has("ledger") ? text(member(json, "ledger"), "baseline") : "none";
            problem(
                    "The run verified an existing archive and compared it with "
                            + (baseline.equals("none")
                                    ? "nothing"
                                    : baseline.equals("live") ? "the source at another time" : "its manifest")
                            + "; expected evidence about a dump that the run took itself.",
                    Remedy.VERIFY_THE_SOURCE);
            return;
        }
        age(Instant.parse(text(json, "startedAt")));
        identity(member(json, "source"));
        source(member(json, "source"));
        demands(json);
        archive(member(json, "archive"), sums);
        boundTo(json);
        String signature = signature(json);
        facts = "database " + text(member(json, "source"), "database") + ", verified at " + text(json, "startedAt")
                + " by " + Wording.plural(checks.size(), "check") + signature;
    }

    /** The run began before it took its snapshot, so the backup is no older than this. */
    private void age(Instant startedAt) {
        Duration age = Duration.between(startedAt, now);
        if (age.compareTo(plan.maximumAge()) > 0) {
            problem(
                    "The evidence is too old: the run began at " + startedAt + ", "
                            + Wording.duration(age) + " ago; the maximum age is "
                            + Wording.duration(plan.maximumAge()) + ".",
                    Remedy.VERIFY_AGAIN_OR_ALLOW_MORE);
        }
        if (age.plus(CLOCK_SKEW).isNegative()) {
            problem(
                    "The evidence is from the future: the run began at " + startedAt
                            + ", but the clock of this machine says " + now + ".",
                    Remedy.SET_THE_CLOCKS);
        }
    }

    private void identity(JsonObject source) {
        String identifier = text(source, "systemIdentifier");
        plan
                .identity()
                .findings(
                        text(source, "database"),
                        text(source, "role"),
                        required(source, "superuser").getAsBoolean(),
                        PostgresVersion.parse(text(source, "serverVersion")),
                        Optional.of(identifier).filter(known -> !known.isEmpty()),
                        Optional.of(text(source, "address"))
                                .filter(address -> address.startsWith("container "))
                                .map(address -> address.substring("container ".length())))
                .stream()
                .filter(finding -> !finding.holds())
                .map(Identity.Finding::sentence)
                .forEach(sentence -> problem(
                        "The evidence is about another database: " + sentence + ".", Remedy.BRING_THE_WHOLE_FOLDER));
    }

    /** Compares the names in both configurations. Whether two names mean the same server is not known here. */
    private void source(JsonObject source) {
        DatabaseAddress wanted = plan.source();
        if (wanted == null) {
            return;
        }
        String database = text(source, "database");
        wanted.url()
                .namedDatabase()
                .filter(name -> !name.equals(database))
                .ifPresent(name -> problem(
                        "The evidence is about another database: expected `" + name + "`, which "
                                + wanted.url().tag() + " names, actual `" + database + "`.",
                        Remedy.BRING_THE_EVIDENCE_OF_THAT_SOURCE));
        if (!source.has("server")) {
            problem(
                    "The evidence does not say which server the backup is of: it was written by an older version of the"
                            + " plugin.",
                    Remedy.VERIFY_AGAIN);
        } else if (!text(source, "server").equalsIgnoreCase(wanted.url().servers())) {
            problem(
                    "The evidence is about another server: expected "
                            + wanted.url().servers() + ", which " + wanted.url().tag() + " names, actual "
                            + text(source, "server") + ".",
                    Remedy.BRING_THE_EVIDENCE_OF_THAT_SOURCE);
        }
    }

    private void demands(JsonObject json) {
        if (!json.has("demands")) {
            problem(
                    "The evidence does not say what the backup had to satisfy: it was written by an older version of"
                            + " the plugin.",
                    Remedy.VERIFY_AGAIN);
            return;
        }
        JsonObject demands = member(json, "demands");
        String actual = text(demands, "sha256");
        if (!actual.equals(plan.demandsSha256())) {
            problem(
                    "The evidence meets different demands: expected " + plan.demandsSha256() + " ("
                            + plan.demands() + "), actual " + actual + " (comparison " + text(demands, "comparison")
                            + ", roles "
                            + text(demands, "roles") + ", " + text(demands, "expectations") + " expectations, "
                            + text(demands, "toleratedDifferences") + " tolerated differences).",
                    Remedy.DEMAND_THE_SAME);
        }
    }

    private void boundTo(JsonObject json) {
        BoundTo here = plan.proof().boundTo();
        if (here == null) {
            return;
        }
        if (!json.has("boundTo")) {
            problem("The evidence is not bound to a commit or to files.", Remedy.BIND_THE_EVIDENCE);
            return;
        }
        JsonObject verified = member(json, "boundTo");
        SortedMap<String, String> files = new TreeMap<>();
        member(verified, "files")
                .entrySet()
                .forEach(file -> files.put(file.getKey(), file.getValue().getAsString()));
        List<String> differences = here.differences(new BoundTo(
                Optional.of(verified).filter(bound -> bound.has("commit")).map(bound -> text(bound, "commit")), files));
        problems.addAll(differences);
        if (!differences.isEmpty()) {
            problems.add(Remedy.VERIFY_WHAT_IS_RELEASED.text());
        }
    }

    /** Checks the signature, and says who signed in the line about the evidence. */
    private String signature(JsonObject json) {
        if (plan.proof().trustedKeys().isEmpty()) {
            return "";
        }
        JsonObject archive = member(json, "archive");
        String key = new SignatureCheck(plan.proof().trustedKeys(), folder, this::problem)
                .check(new SignatureCheck.Claimed(
                        text(json, "startedAt"),
                        text(archive, "path"),
                        text(archive, "sha256"),
                        json.has("demands") ? text(member(json, "demands"), "sha256") : ""));
        return ", signed by the key " + key;
    }

    /** An archive that was kept is part of the evidence, even if the list of checksums leaves it out. */
    private void archive(JsonObject archive, Map<String, String> sums) {
        String path = text(archive, "path");
        boolean listed = archive.has("format") && text(archive, "format").equals("custom")
                ? text(archive, "sha256").equals(sums.get(path))
                : sums.keySet().stream().anyMatch(name -> name.startsWith(path + "/"));
        if (required(archive, "kept").getAsBoolean() && !sums.isEmpty() && !listed) {
            problem(
                    "The archive " + path + " was kept, but " + EvidenceFile.CHECKSUMS + " does not match what "
                            + EvidenceFile.JSON + " says about it.",
                    Remedy.BRING_THE_WHOLE_FOLDER);
        }
    }

    private void problem(String fact, Remedy remedy) {
        problems.add(fact + " " + remedy.text());
    }

    private static JsonObject member(JsonObject json, String name) {
        return required(json, name).getAsJsonObject();
    }

    private static String text(JsonObject json, String name) {
        return required(json, name).getAsString();
    }

    private static JsonElement required(JsonObject json, String name) {
        JsonElement value = json.get(name);
        if (value == null) {
            throw new JsonParseException("it has no member '" + name + "'");
        }
        return value;
    }
}
