package io.github.pgbackup.plan;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.archive.ArchiveFormat;
import io.github.pgbackup.archive.Compression;
import io.github.pgbackup.archive.Rate;
import io.github.pgbackup.expectation.Expectation;
import io.github.pgbackup.expectation.Interval;
import io.github.pgbackup.handover.Tool;
import io.github.pgbackup.postgres.PostgresVersion;
import io.github.pgbackup.postgres.QualifiedName;
import io.github.pgbackup.provenance.BoundTo;
import io.github.pgbackup.provenance.Commit;
import io.github.pgbackup.provenance.FileSet;
import io.github.pgbackup.provenance.RunBy;
import io.github.pgbackup.rehearsal.RehearsalLimits;
import io.github.pgbackup.restore.PgRestore;
import io.github.pgbackup.signature.TrustedKey;
import io.github.pgbackup.source.Element;
import io.github.pgbackup.source.Identity;
import io.github.pgbackup.source.JdbcUrl;
import io.github.pgbackup.text.Counted;
import java.io.File;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Turns the configuration into a plan, or into a list of all its problems. */
public final class PlanReader {

    private static final String PREFIX = "pgbackup.";

    private static final Pattern SHORT_DURATION =
            Pattern.compile("(?<days>\\d+d)?(?<time>(?:\\d+h)?(?:\\d+m)?(?:\\d+s)?)");

    /** The default of {@code <comparison>}. */
    public static final String COMPARISON = "rows";

    /** The default of {@code <timeout>}. */
    public static final String TIMEOUT = "PT4H";

    /** The default of {@code <lockWaitTimeout>}. */
    public static final String LOCK_WAIT_TIMEOUT = "PT10S";

    /** The default of {@code <maximumBlocking>}. */
    public static final String MAXIMUM_BLOCKING = "PT5S";

    /** The default of {@code <maximumSnapshotBlocking>}. */
    public static final String MAXIMUM_SNAPSHOT_BLOCKING = "PT1H";

    /** The default of {@code <retries>}. */
    public static final String RETRIES = "0";

    /** The default of {@code <retryPause>}. */
    public static final String RETRY_PAUSE = "PT30S";

    /** The default of {@code <seed>}. */
    public static final String SEED = "1";

    /** The default of {@code <budget>}. */
    public static final String BUDGET = "PT1M";

    /** The default of {@code <rehearsal><maximumLifetime>}. */
    public static final String MAXIMUM_LIFETIME = "PT2H";

    /** The default of {@code <onLittleSpace>}. */
    public static final String ON_LITTLE_SPACE = "stop";

    /** The default of {@code <include>}: every table except system tables. */
    public static final String INCLUDE = "*.*";

    /** The default of {@code <maximumDistinct>}. */
    public static final String MAXIMUM_DISTINCT = "12";

    /** The default of {@code <maximumAge>}. */
    public static final String MAXIMUM_AGE = "P1D";

    /** Looks up a property. */
    private final Function<String, @Nullable String> properties;

    private final Path baseDirectory;
    private final Section.Findings findings = new Section.Findings();
    private boolean testsExpectations;
    private boolean handsOver;
    private @Nullable Path buildDirectory;
    private @Nullable Map<String, String> environment;

    /**
     * Creates a reader for one configuration.
     *
     * @param properties looks up a property ({@code -D}, settings, POM); null if it is not set
     * @param baseDirectory the base of relative paths
     */
    public PlanReader(Function<String, @Nullable String> properties, Path baseDirectory) {
        this.properties = properties;
        this.baseDirectory = baseDirectory;
    }

    /** Sets the directory that {@code mvn clean} deletes. */
    public PlanReader withBuildDirectory(Path directory) {
        buildDirectory = directory.toAbsolutePath().normalize();
        return this;
    }

    /** Sets the environment variables, in which CI servers describe the build. */
    public PlanReader withEnvironment(Map<String, String> variables) {
        environment = variables;
        return this;
    }

    /** The paths of all tags that were looked up, such as {@code <source><url>}. */
    Set<String> known() {
        return findings.known();
    }

    /** The values of all scalars, including defaults, by their property without the prefix. */
    Map<String, String> inEffect() {
        return findings.inEffect();
    }

    /** Adds problems that concern the configuration as a whole. */
    public PlanReader withProblems(List<String> problems) {
        findings.problems().addAll(problems);
        return this;
    }

    /**
     * Reads the tags of {@code test-expectations}: those of {@code verify-backup}, and the settings of the test.
     *
     * @throws InvalidConfigurationException with every problem found
     */
    public VerificationPlan readTest(Tag configuration) throws InvalidConfigurationException {
        testsExpectations = true;
        return read(configuration);
    }

    /**
     * Reads the tags of {@code start}: those of {@code verify-backup}, and how to hand over the restored database.
     *
     * @throws InvalidConfigurationException with every problem found
     */
    public VerificationPlan readStart(Tag configuration) throws InvalidConfigurationException {
        handsOver = true;
        return read(configuration);
    }

    /**
     * Reads the tags in {@code <configuration>}.
     *
     * @throws InvalidConfigurationException with every problem found
     */
    public VerificationPlan read(Tag configuration) throws InvalidConfigurationException {
        Section root = Section.root(configuration, properties, findings);
        GivenArchive archive = archive(root.section("archive"));
        boolean withSource = hasSource(root);
        DatabaseAddress source = archive == null || withSource ? source(root.section("source")) : null;
        boolean inContainer = source != null && source.url().container().isPresent();
        if (archive != null) {
            refuseWhatNoArchiveTells(root, withSource);
        }
        AllowedLoss reference = reference(root, archive != null && withSource);
        Identity identity = identity(root.section("identity"), inContainer);
        warnOfNoDatabase(source, identity);
        List<ProtectedEnvironment> protectedEnvironments = protectedEnvironments(root);
        VerificationPlan.Backup backup = backup(root.section("backup"), inContainer);
        VerificationPlan.Restore restore = restore(root.section("restore"));
        Comparison comparison = root.choice("comparison", Comparison.class, Comparison.ROWS);
        Expected expected = expectations(root, configuration);
        List<Expectation> expectations = expected.expectations();
        List<Path> binDirectories = root.scalar("binDirectory", this::paths, List.of());
        Path workDirectory =
                root.scalar("workDirectory", baseDirectory::resolve, Path.of(System.getProperty("java.io.tmpdir")));
        Duration timeout = root.scalar("timeout", PlanReader::duration, Duration.parse(TIMEOUT));
        Duration lockWaitTimeout =
                root.scalar("lockWaitTimeout", PlanReader::duration, Duration.parse(LOCK_WAIT_TIMEOUT));
        Duration maximumBlocking =
                root.scalar("maximumBlocking", PlanReader::duration, Duration.parse(MAXIMUM_BLOCKING));
        Duration maximumSnapshotBlocking =
                root.scalar("maximumSnapshotBlocking", PlanReader::duration, Duration.parse(MAXIMUM_SNAPSHOT_BLOCKING));
        int retries = root.scalar("retries", PlanReader::retries, Integer.parseInt(RETRIES));
        Duration retryPause = root.scalar("retryPause", PlanReader::duration, Duration.parse(RETRY_PAUSE));
        OnLittleSpace onLittleSpace = root.choice("onLittleSpace", OnLittleSpace.class, OnLittleSpace.STOP);
        Trust trust = trust(root);
        HistoryPlan history = trust.history();
        if (history != null && history.loss().isLimited() && !comparison.includes(Comparison.ROWS)) {
            root.section("history")
                    .problemAt(
                            "maximumLoss",
                            "needs counted rows, but <comparison> is '" + comparison + "'; use rows or content");
        }
        RehearsalPlan rehearsal = handsOver ? rehearsal(root.section("rehearsal")) : null;
        // The goal uses these; reading them here reports a bad value together with all other problems.
        boolean fails = root.flag("failOnViolation", true);
        if (handsOver && !fails) {
            root.problemAt(
                    "failOnViolation",
                    "is 'false', but after a failed check start hands over no database, so the build cannot continue; remove"
                            + " it or set it to 'true'");
        }
        root.flag("skip", false);
        root.text("outputDirectory");
        root.end();
        if (comparison == Comparison.NONE && expectations.isEmpty()) {
            root.problemAt(
                    "comparison",
                    "is 'none' and there are no <expectations>, so nothing would be verified; add <expectations> or choose another comparison");
        }
        if (archive != null && withSource && !comparison.includes(Comparison.ROWS)) {
            root.problemAt(
                    "source",
                    "needs counted rows when it is given with <archive>, but <comparison> is '" + comparison
                            + "'; use rows or content");
        }
        if (source == null && archive == null || !findings.problems().isEmpty()) {
            throw new InvalidConfigurationException(findings.problems());
        }
        return new VerificationPlan(
                source,
                archive,
                reference,
                identity,
                protectedEnvironments,
                backup,
                restore,
                comparison,
                expectations,
                binDirectories,
                workDirectory,
                timeout,
                lockWaitTimeout,
                maximumBlocking,
                maximumSnapshotBlocking,
                retries,
                retryPause,
                onLittleSpace,
                demands(restore, comparison, expected),
                trust,
                rehearsal,
                inEffect(source, protectedEnvironments, restore.toleratedDifferences()),
                findings.warnings());
    }

    /**
     * Removes a URL's parameters, one of which could be a secret; adds lists, which have no properties, as one line
     * each.
     */
    private Map<String, String> inEffect(
            @Nullable DatabaseAddress source,
            List<ProtectedEnvironment> environments,
            List<ToleratedDifference> tolerated) {
        Map<String, String> inEffect = new TreeMap<>(findings.inEffect());
        if (source != null) {
            inEffect.computeIfPresent("source.url", (name, url) -> source.url().toString());
        }
        if (!environments.isEmpty()) {
            inEffect.put(
                    "protectedEnvironments",
                    environments.stream()
                            .map(each -> each.name() + " at "
                                    + (each.address() == null
                                            ? "container " + each.container()
                                            : each.address().url()))
                            .collect(Collectors.joining("; ")));
        }
        if (!tolerated.isEmpty()) {
            inEffect.put(
                    "restore.toleratedDifferences",
                    tolerated.stream()
                            .map(each -> each.object() + " (" + each.reason()
                                    + (each.until() == null ? "" : ", until " + each.until()) + ")")
                            .collect(Collectors.joining("; ")));
        }
        return inEffect;
    }

    /** If a database happens to have the role's name, the wrong one would be silently verified. */
    private void warnOfNoDatabase(@Nullable DatabaseAddress source, Identity identity) {
        if (source != null
                && source.url().namedDatabase().isEmpty()
                && identity.database().isEmpty()) {
            findings.warnings()
                    .add(source.url().tag()
                            + " names no database, so PostgreSQL uses the one with the role's name."
                            + " Write the name into the URL, as in jdbc:postgresql://host:port/database, or assert it:"
                            + " <identity><database> (-Dpgbackup.identity.database).");
        }
    }

    /**
     * The expectations of the POM and of files.
     *
     * @param tags the tags as written, in the POM or in files
     */
    private record Expected(List<Expectation> expectations, List<Tag> tags) {}

    /** Reads the expectations of the POM and of each file; an object or a query may occur in only one of them. */
    private Expected expectations(Section root, Tag configuration) {
        ExpectationReader reader = new ExpectationReader();
        List<Expectation> expectations = new ArrayList<>(reader.read(root.section("expectations")));
        List<Tag> tags = new ArrayList<>(configuration.children().stream()
                .filter(tag -> tag.name().equals("expectations"))
                .findFirst()
                .map(Tag::children)
                .orElse(List.of()));
        Set<Path> read = new HashSet<>();
        for (String name : root.texts("expectationsFiles", "expectationsFile")) {
            Path file = baseDirectory.resolve(name).normalize();
            if (!read.add(file)) {
                root.problemAt("expectationsFiles", "names " + name + " more than once");
                continue;
            }
            try {
                Tag tag = ExpectationsFile.read(file, name);
                expectations.addAll(reader.read(root.inFile(tag)));
                tags.addAll(tag.children());
            } catch (IllegalArgumentException e) {
                findings.problems().add(e.getMessage() + ".");
            }
        }
        return new Expected(expectations, tags);
    }

    /**
     * Reports properties with our prefix that no goal reads and that Maven therefore silently ignores, and suggests
     * others.
     *
     * @param names names of properties; those of other plugins are ignored
     * @return one sentence each
     */
    public static List<String> unknownProperties(Collection<String> names) {
        Set<String> known = new TreeSet<>();
        Tag nothing = new Tag("configuration", null, List.of());
        for (Reading reading : List.<Reading>of(
                PlanReader::read,
                PlanReader::readTest,
                PlanReader::readStart,
                PlanReader::readEvidence,
                PlanReader::readCapture,
                PlanReader::readBackup)) {
            try {
                reading.read(
                        new PlanReader(
                                name -> {
                                    known.add(name.substring(PREFIX.length()));
                                    return null;
                                },
                                Path.of("")),
                        nothing);
            } catch (InvalidConfigurationException e) {
                // Nothing is configured; only the lookups matter.
            }
        }
        return names.stream()
                .filter(name -> name.startsWith(PREFIX))
                .map(name -> name.substring(PREFIX.length()))
                .filter(name -> !known.contains(name))
                .sorted()
                .map(name -> "The property " + PREFIX + name + " is unknown and is ignored" + suggestion(name, known))
                .toList();
    }

    private interface Reading {
        Object read(PlanReader reader, Tag configuration) throws InvalidConfigurationException;
    }

    /** Suggests the most similar name, or properties that end with this name. */
    private static String suggestion(String name, Set<String> known) {
        String nearest = Section.nearest(name, known);
        String suggestion = nearest.isEmpty()
                ? known.stream()
                        .filter(each -> each.endsWith("." + name))
                        .map(each -> PREFIX + each)
                        .collect(Collectors.joining(" or "))
                : PREFIX + nearest;
        return suggestion.isEmpty() ? "." : "; did you mean " + suggestion + "?";
    }

    private static Demands demands(VerificationPlan.Restore restore, Comparison comparison, Expected expected) {
        return Demands.of(
                comparison,
                restore.roles(),
                Optional.ofNullable(restore.maximumDuration()),
                restore.toleratedDifferences(),
                expected.tags());
    }

    /**
     * Reads the requirements for the evidence of another run: the same tags, without those about where and how to
     * verify.
     *
     * @throws InvalidConfigurationException with every problem found
     */
    public EvidencePlan readEvidence(Tag configuration) throws InvalidConfigurationException {
        Section root = Section.root(configuration, properties, findings);
        Section sourceSection = root.section("source");
        boolean hasSource = sourceSection.isPresent() || sourceSection.has("url") || sourceSection.has("container");
        DatabaseAddress source = hasSource ? source(sourceSection) : null;
        Identity identity = identity(root.section("identity"), true);
        if (identity.database().isEmpty()
                && identity.systemIdentifier().isEmpty()
                && (!hasSource || source != null && source.url().namedDatabase().isEmpty())) {
            root.section("identity")
                    .problemAt("database", "is missing: it must say which database the evidence is about");
        }
        VerificationPlan.Restore restore = restore(root.section("restore"));
        Comparison comparison = root.choice("comparison", Comparison.class, Comparison.ROWS);
        Expected expected = expectations(root, configuration);
        Duration maximumAge = root.scalar("maximumAge", PlanReader::age, Duration.parse(MAXIMUM_AGE));
        String sha256 = root.scalar("demands", PlanReader::sha256);
        Proof proof = new Proof(trustedKeys(root), root.flag("requireArchive", true), boundTo(root));
        root.flag("skip", false);
        root.text("outputDirectory");
        root.end();
        if (!findings.problems().isEmpty()) {
            throw new InvalidConfigurationException(findings.problems());
        }
        Demands demands = demands(restore, comparison, expected);
        return new EvidencePlan(
                identity,
                source,
                maximumAge,
                sha256 == null ? demands.sha256() : sha256,
                sha256 == null ? demands.describe() : "those of <demands>",
                proof,
                findings.warnings());
    }

    private Trust trust(Section root) {
        Section signature = root.section("signature");
        signature.refuse(
                "privateKey",
                "does not belong in a POM; use <serverId>, which names a <server> in settings.xml that has the key");
        String serverId = signature.isPresent()
                ? signature.required("serverId", "it names the <server> in settings.xml whose key signs the evidence")
                : signature.text("serverId");
        signature.end();
        Map<String, String> known = environment;
        RunBy runBy = known == null ? RunBy.userAlone() : RunBy.of(baseDirectory, known);
        return new Trust(
                serverId,
                runBy,
                boundTo(root),
                history(root),
                root.scalar("metricsFile", this::file),
                testsExpectations ? expectationTest(root) : null);
    }

    private static ExpectationTestPlan expectationTest(Section root) {
        return new ExpectationTestPlan(
                root.scalar("seed", PlanReader::seed, Long.parseLong(SEED)),
                root.scalar("budget", PlanReader::duration, Duration.parse(BUDGET)),
                root.scalar("minimumCaught", PlanReader::wholePercent));
    }

    private RehearsalPlan rehearsal(Section rehearsal) {
        Set<Tool> handOver = rehearsal.scalar("handOver", PlanReader::tools);
        List<String> command = rehearsal.scalar("command", Words::of);
        RehearsalPlan plan = new RehearsalPlan(
                rehearsal.text("role"),
                handOver == null ? Set.of() : handOver,
                rehearsal.scalar("maximumLifetime", PlanReader::duration, Duration.parse(MAXIMUM_LIFETIME)),
                new RehearsalLimits(
                        rehearsal.scalar("maximumLock", PlanReader::duration),
                        rehearsal.scalar("maximumStatement", PlanReader::duration),
                        rehearsal.scalar("maximumDuration", PlanReader::duration)),
                new ExpectationReader().read(rehearsal.section("expectations")),
                command == null ? List.of() : command);
        if (!plan.command().isEmpty()) {
            // Arguments may contain secrets.
            findings.inEffect().put("rehearsal.command", plan.command().get(0));
        }
        rehearsal.end();
        return plan;
    }

    /** The tools to which the restored database is handed over, separated by commas. */
    public static Set<Tool> tools(String text) {
        Set<Tool> tools = new TreeSet<>();
        for (String name : text.split(",", -1)) {
            tools.add(Tool.named(name.trim())
                    .orElseThrow(() -> new IllegalArgumentException("name one or more of "
                            + Stream.of(Tool.values()).map(Tool::toString).collect(Collectors.joining(", "))
                            + ", separated by commas")));
        }
        return tools;
    }

    private static Long seed(String text) {
        try {
            return Long.valueOf(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("expected a whole number");
        }
    }

    private static Integer wholePercent(String text) {
        if (!text.matches("\\d{1,3}( ?%)?") || Integer.parseInt(text.replaceAll("\\D", "")) > 100) {
            throw new IllegalArgumentException("expected a whole percentage from 0 to 100");
        }
        return Integer.valueOf(text.replaceAll("\\D", ""));
    }

    private @Nullable HistoryPlan history(Section root) {
        Section section = root.section("history");
        Path file = section.scalar("file", this::file);
        Path page = section.scalar("page", this::file);
        AllowedLoss loss = allowedLoss(section);
        Duration maximumGap = section.scalar("maximumGap", PlanReader::age);
        section.end();
        boolean wanted = section.isPresent() || page != null || loss.isLimited() || maximumGap != null;
        if (wanted && !section.has("file")) {
            section.problemAt("file", "is missing: it says where to record the runs");
        }
        if (file == null) {
            return null;
        }
        if (buildDirectory != null && file.startsWith(buildDirectory)) {
            section.problemAt(
                    "file",
                    "is " + file + ", inside " + buildDirectory
                            + ", which mvn clean deletes; choose a file outside of it");
        }
        Path sibling = file.resolveSibling(file.getFileName().toString().replaceFirst("\\.[^.]*$", "") + ".html");
        return new HistoryPlan(file, page == null ? sibling : page, loss, maximumGap);
    }

    private static AllowedLoss allowedLoss(Section section) {
        BigDecimal maximumLoss = section.scalar("maximumLoss", PlanReader::percent);
        Map<String, BigDecimal> tables = new LinkedHashMap<>();
        for (Section each : section.list("tables", "table")) {
            String name = String.join(".", tableName(each).parts());
            String loss = each.required("maximumLoss", "it is the percentage of rows that this table may lose");
            BigDecimal allowed = loss.isEmpty() ? null : each.scalar("maximumLoss", PlanReader::percent);
            each.end();
            if (allowed != null && tables.put(name, allowed) != null) {
                each.problemAt("name", "repeats '" + name + "'; each table may be listed only once");
            }
        }
        return new AllowedLoss(maximumLoss, tables);
    }

    private static QualifiedName tableName(Section table) {
        QualifiedName name = table.scalar("name", text -> {
            QualifiedName parsed = QualifiedName.parse(text);
            if (parsed.parts().size() != 2) {
                throw new IllegalArgumentException("expected schema.table");
            }
            return parsed;
        });
        if (!table.has("name")) {
            table.problemAt("name", "is missing: expected schema.table");
        }
        return name == null ? QualifiedName.of("none", "none") : name;
    }

    private static BigDecimal percent(String text) {
        if (!text.matches("\\d{1,3}(\\.\\d{1,3})?\\s?%")
                || new BigDecimal(text.replaceAll("[\\s%]", "")).compareTo(BigDecimal.valueOf(100)) > 0) {
            throw new IllegalArgumentException("expected a percentage of the rows from 0% to 100%, such as 5%");
        }
        return new BigDecimal(text.replaceAll("[\\s%]", ""));
    }

    /** Commit and files as they are now, when the configuration is read. */
    private @Nullable BoundTo boundTo(Section root) {
        Section section = root.section("boundTo");
        String commit = section.scalar("commit", this::commit);
        List<String> includes = section.texts("includes", "include");
        List<String> excludes = section.texts("excludes", "exclude");
        section.end();
        if (includes.isEmpty() && !section.has("commit")) {
            if (section.isPresent() || !excludes.isEmpty()) {
                section.problem("names nothing to bind the evidence to; expected <commit> or <includes>");
            }
            return null;
        }
        return new BoundTo(
                Optional.ofNullable(commit),
                includes.isEmpty() ? new TreeMap<>() : hashes(section, includes, excludes));
    }

    private SortedMap<String, String> hashes(Section section, List<String> includes, List<String> excludes) {
        Path directory = baseDirectory.toAbsolutePath().normalize();
        try {
            return new FileSet(
                            directory, includes, excludes, buildDirectory == null ? Set.of() : Set.of(buildDirectory))
                    .hashes();
        } catch (IllegalArgumentException e) {
            section.problemAt("includes", String.valueOf(e.getMessage()));
        } catch (IOException e) {
            section.problemAt("includes", "has files that cannot be read: " + CannotVerifyException.reason(e));
        }
        return new TreeMap<>();
    }

    private String commit(String text) {
        if (!text.equals("auto")) {
            if (Commit.isId(text)) {
                return text;
            }
            throw new IllegalArgumentException("expected auto, or the 40 or 64 hexadecimal digits of a commit");
        }
        Commit commit = Commit.of(baseDirectory.toAbsolutePath(), environment == null ? Map.of() : environment)
                .orElseThrow(() -> new IllegalArgumentException(
                        "neither git nor a CI server's variables name the commit; write it out"));
        if (commit.changed()) {
            findings.warnings()
                    .add("The checkout has changes that are not in commit " + commit.id()
                            + ", so the commit does not fully describe it.");
        }
        return commit.id();
    }

    /** Keys in PEM form, or files that contain one. */
    private List<TrustedKey> trustedKeys(Section root) {
        List<TrustedKey> keys = new ArrayList<>();
        for (String text : root.texts("trustedKeys", "trustedKey")) {
            boolean inline = text.contains("-----BEGIN");
            try {
                keys.add(TrustedKey.parse(inline ? text : Files.readString(baseDirectory.resolve(text))));
            } catch (IllegalArgumentException e) {
                root.problemAt(
                        "trustedKeys", (inline ? "has a key that " : "names " + text + ", which ") + e.getMessage());
            } catch (IOException e) {
                root.problemAt(
                        "trustedKeys", "names " + text + ", which cannot be read: " + CannotVerifyException.reason(e));
            }
        }
        return keys;
    }

    /**
     * Reads the configuration of {@code attach}, which only has to be free of unknown tags.
     *
     * @throws InvalidConfigurationException with every problem found
     */
    public void readAttachment(Tag configuration) throws InvalidConfigurationException {
        Section root = Section.root(configuration, properties, findings);
        identity(root.section("identity"), true); // belongs to other goals, which may share the <configuration>
        root.flag("skip", false);
        root.text("outputDirectory");
        root.end();
        if (!findings.problems().isEmpty()) {
            throw new InvalidConfigurationException(findings.problems());
        }
    }

    /**
     * Reads the tags of {@code stop}; everything else is recorded with the running database.
     *
     * @throws InvalidConfigurationException with every problem found
     */
    public void readStop(Tag configuration) throws InvalidConfigurationException {
        Section root = Section.root(configuration, properties, findings);
        identity(root.section("identity"), true); // belongs to other goals, which may share the <configuration>
        root.flag("skip", false);
        root.end();
        if (!findings.problems().isEmpty()) {
            throw new InvalidConfigurationException(findings.problems());
        }
    }

    /**
     * Reads which expectations to capture.
     *
     * @throws InvalidConfigurationException with every problem found
     */
    public CapturePlan readCapture(Tag configuration) throws InvalidConfigurationException {
        Section root = Section.root(configuration, properties, findings);
        DatabaseAddress source = source(root.section("source"));
        boolean inContainer = source != null && source.url().container().isPresent();
        Identity identity = identity(root.section("identity"), inContainer);
        warnOfNoDatabase(source, identity);
        List<NamePattern> include = root.scalar("include", NamePattern::parse, NamePattern.parse(INCLUDE));
        List<NamePattern> exclude = root.scalar("exclude", NamePattern::parse, List.of());
        int maximumDistinct =
                root.scalar("maximumDistinct", PlanReader::maximumDistinct, Integer.parseInt(MAXIMUM_DISTINCT));
        Duration timeout = root.scalar("timeout", PlanReader::duration, Duration.parse(TIMEOUT));
        Duration lockWaitTimeout =
                root.scalar("lockWaitTimeout", PlanReader::duration, Duration.parse(LOCK_WAIT_TIMEOUT));
        Duration maximumBlocking =
                root.scalar("maximumBlocking", PlanReader::duration, Duration.parse(MAXIMUM_BLOCKING));
        Duration maximumSnapshotBlocking =
                root.scalar("maximumSnapshotBlocking", PlanReader::duration, Duration.parse(MAXIMUM_SNAPSHOT_BLOCKING));
        root.flag("skip", false);
        root.text("outputFile");
        root.end();
        if (source == null || !findings.problems().isEmpty()) {
            throw new InvalidConfigurationException(findings.problems());
        }
        return new CapturePlan(
                source,
                identity,
                include,
                exclude,
                maximumDistinct,
                timeout,
                lockWaitTimeout,
                maximumBlocking,
                maximumSnapshotBlocking,
                findings.warnings());
    }

    /**
     * Reads which backup to take.
     *
     * @throws InvalidConfigurationException with every problem found
     */
    public BackupPlan readBackup(Tag configuration) throws InvalidConfigurationException {
        Section root = Section.root(configuration, properties, findings);
        DatabaseAddress source = source(root.section("source"));
        boolean inContainer = source != null && source.url().container().isPresent();
        Identity identity = identity(root.section("identity"), inContainer);
        warnOfNoDatabase(source, identity);
        VerificationPlan.Backup backup = backup(root.section("backup"), inContainer);
        Path directory = directory(root);
        Path kept = directory == null ? backup.directory() : directory;
        if (!root.has("directory") && kept == null) {
            root.problemAt("directory", "is missing: it says where to keep the backup");
        }
        List<String> command = root.scalar("command", Words::of, List.of());
        if (inContainer && !command.isEmpty()) {
            root.problemAt(
                    "command",
                    "runs on this machine, but the source is a container that only docker exec can reach; use"
                            + " <source><url> instead");
        }
        Comparison comparison = root.choice("comparison", Comparison.class, Comparison.ROWS);
        Expected expected = expectations(root, configuration);
        VerificationPlan.Restore restore = new VerificationPlan.Restore(
                EngineChoice.AUTO, null, null, PgRestore.Roles.PROVISION, null, Map.of(), List.of());
        VerificationPlan run = new VerificationPlan(
                source,
                null,
                new AllowedLoss(null, Map.of()),
                identity,
                List.of(),
                command.isEmpty() && backup.format() == null && backup.jobs() == null
                        ? backup.inFormat(ArchiveFormat.CUSTOM)
                        : backup,
                restore,
                comparison,
                expected.expectations(),
                root.scalar("binDirectory", this::paths, List.of()),
                Path.of(System.getProperty("java.io.tmpdir")),
                root.scalar("timeout", PlanReader::duration, Duration.parse(TIMEOUT)),
                root.scalar("lockWaitTimeout", PlanReader::duration, Duration.parse(LOCK_WAIT_TIMEOUT)),
                root.scalar("maximumBlocking", PlanReader::duration, Duration.parse(MAXIMUM_BLOCKING)),
                root.scalar("maximumSnapshotBlocking", PlanReader::duration, Duration.parse(MAXIMUM_SNAPSHOT_BLOCKING)),
                0,
                Duration.ZERO,
                root.choice("onLittleSpace", OnLittleSpace.class, OnLittleSpace.STOP),
                demands(restore, comparison, expected),
                new Trust(null, RunBy.userAlone(), null, null, null, null),
                null,
                inEffect(source, List.of(), List.of()),
                findings.warnings());
        root.flag("skip", false);
        root.text("outputDirectory");
        root.end();
        if (source == null || kept == null || !findings.problems().isEmpty()) {
            throw new InvalidConfigurationException(findings.problems());
        }
        return new BackupPlan(run, kept, command);
    }

    /** Null when the source is to be dumped. */
    private @Nullable GivenArchive archive(Section archive) {
        List<String> files = archive.scalars("file", this::absolute);
        List<List<String>> programs = programs(archive);
        List<String> sha256 = archive.scalars("sha256", PlanReader::hashes).stream()
                .flatMap(List::stream)
                .toList();
        Duration maximumAge = archive.scalar("maximumAge", PlanReader::age);
        Path roles = archive.scalar("roles", this::file);
        Path manifest = archive.scalar("manifest", this::file);
        boolean from = archive.has("file") || archive.has("command");
        boolean given =
                archive.isPresent() || !sha256.isEmpty() || maximumAge != null || roles != null || manifest != null;
        if (given && !from) {
            archive.problemAt(
                    "file",
                    "is missing; expected a file or folder that pg_dump wrote, a pattern such as /backups/directus-*.dump, or a"
                            + " <command> that writes the archive");
        }
        if (archive.has("file") && archive.has("command")) {
            archive.problemAt("command", "and <file> are mutually exclusive");
        }
        int archives = Math.max(files.size(), 1);
        if (!sha256.isEmpty() && sha256.size() != archives) {
            archive.problemAt(
                    "sha256",
                    "has " + Counted.of(sha256.size(), "hash", "hashes") + " for "
                            + Counted.of(archives, "archive")
                            + "; expected one for each <file>, in the same order, or each hash in FILE.sha256 next to its file");
        }
        archive.end();
        return given || from
                ? new GivenArchive(new ArchiveOrigin(files, programs), sha256, maximumAge, roles, manifest)
                : null;
    }

    /** Does not accept the plain format, which pg_restore cannot restore. */
    private static ArchiveFormat format(String text) {
        return List.of(ArchiveFormat.CUSTOM, ArchiveFormat.DIRECTORY).stream()
                .filter(format -> format.toString().equals(text))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("expected one of custom, directory"));
    }

    /** Keeps arguments, which may contain secrets, out of the evidence and of messages. */
    private List<List<String>> programs(Section archive) {
        List<List<String>> programs = new ArrayList<>();
        List<String> names = new ArrayList<>();
        String command = archive.text("command");
        if (command != null) {
            words(archive, "command", command).forEach(programs::add);
        }
        for (String filter : archive.texts("filters", "filter")) {
            words(archive, "filters", filter).forEach(words -> {
                programs.add(words);
                names.add(words.get(0));
            });
        }
        findings.inEffect()
                .computeIfPresent("archive.command", (name, value) -> new ArchiveOrigin(List.of(), programs).names());
        findings.inEffect().computeIfPresent("archive.filters", (name, value) -> String.join(",", names));
        if (!names.isEmpty() && !archive.has("command")) {
            archive.problemAt("filters", "applies to the output of <command>, which is missing");
        }
        return programs;
    }

    private static List<List<String>> words(Section archive, String tag, String line) {
        try {
            return List.of(Words.of(line));
        } catch (IllegalArgumentException e) {
            archive.problemAt(tag, "cannot be read: " + e.getMessage());
            return List.of();
        }
    }

    private static boolean hasSource(Section root) {
        Section source = root.section("source");
        return source.isPresent() || source.has("url") || source.has("container");
    }

    /** How many rows an archive may lack compared with the live source. */
    private static AllowedLoss reference(Section root, boolean allowed) {
        Section section = root.section("reference");
        AllowedLoss loss = allowedLoss(section);
        section.end();
        if (!allowed && (section.isPresent() || loss.isLimited())) {
            root.problemAt(
                    "reference",
                    "compares an existing archive with the live source and needs both <archive> and <source>");
        }
        return loss;
    }

    private static void refuseWhatNoArchiveTells(Section root, boolean withSource) {
        Section identity = root.section("identity");
        if (!withSource) {
            for (String tag : List.of("role", "superuser", "systemIdentifier", "container")) {
                identity.refuse(
                        tag,
                        "is not recorded in an archive; with <archive>, only database and serverVersion can be asserted");
            }
        }
        Section backup = root.section("backup");
        for (String tag : List.of("format", "compression", "jobs", "keepArchive", "maximumRate", "directory")) {
            backup.refuse(tag, "applies to a dump, but with <archive> no dump is taken; remove it");
        }
    }

    private @Nullable DatabaseAddress source(Section source) {
        boolean container = source.has("container");
        if (container) {
            source.refuse("url", "and <container> are mutually exclusive");
        } else {
            source.refuse("database", "applies only to a <container>; with a <url>, the URL names the database");
            source.refuse(
                    "user",
                    "applies only to a <container>; with a <url>, the user comes from settings.xml (<serverId>), PGBACKUP_USER or the URL");
        }
        source.refuse(
                "password",
                "is not supported, because mvn -X prints the POM's values; use settings.xml (<serverId>), PGBACKUP_PASSWORD or the password file");
        if (!container && !source.has("url")) {
            source.problemAt(
                    "url",
                    "is missing; expected a JDBC URL such as jdbc:postgresql://db.internal:5432/directus, or <container> and <database>");
        }
        if (container) {
            String name = source.required("container", "it names the container that the database is in");
            String database = source.required("database", "it names the database in the container");
            String user = source.text("user");
            String serverId = source.text("serverId");
            source.end();
            return new DatabaseAddress(JdbcUrl.inContainer(name, database, user, Element.SOURCE), serverId);
        }
        DatabaseAddress address = address(source, Element.SOURCE);
        source.end();
        return address;
    }

    private @Nullable DatabaseAddress address(Section section, Element element) {
        String url = section.text("url");
        String serverId = section.text("serverId");
        if (url == null) {
            return null;
        }
        List<String> wrong = JdbcUrl.problems(url, element);
        findings.problems().addAll(wrong);
        return wrong.isEmpty() ? new DatabaseAddress(JdbcUrl.parse(url, element), serverId) : null;
    }

    private static Identity identity(Section identity, boolean inContainer) {
        if (!inContainer) {
            identity.refuse(
                    "container", "asserts a container, but the source is a URL; use it with <source><container>");
        }
        String systemIdentifier = identity.scalar("systemIdentifier", text -> {
            if (!text.matches("\\d{1,20}")) {
                throw new IllegalArgumentException(
                        "expected the number that pg_controldata reports as the system identifier");
            }
            return text;
        });
        Interval<PostgresVersion> version = identity.scalar("serverVersion", Interval::ofVersions);
        Identity expected = new Identity(
                Optional.ofNullable(identity.text("database")),
                Optional.ofNullable(identity.text("role")),
                identity.has("superuser") ? Optional.of(identity.flag("superuser", true)) : Optional.empty(),
                Optional.ofNullable(version)
                        .map(range -> new Identity.ServerVersion(range.toString(), range::contains)),
                Optional.ofNullable(systemIdentifier),
                inContainer ? Optional.ofNullable(identity.text("container")) : Optional.empty());
        identity.end();
        return expected;
    }

    private List<ProtectedEnvironment> protectedEnvironments(Section root) {
        List<ProtectedEnvironment> environments = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (Section each : root.list("protectedEnvironments", "protectedEnvironment")) {
            String name = each.required("name", "it identifies the environment in the evidence");
            if (!name.isEmpty() && !names.add(name)) {
                each.problemAt("name", "repeats '" + name + "'; each name may occur only once");
            }
            String container = each.text("container");
            if (container != null) {
                each.refuse("url", "and <container> are mutually exclusive");
                each.refuse("serverId", "applies only to a <url>; a container is inspected through the Docker daemon");
                environments.add(new ProtectedEnvironment(name, null, container));
            } else if (!each.has("url")) {
                each.problemAt("url", "is missing; expected a JDBC URL or <container>");
            }
            DatabaseAddress address = container != null ? null : address(each, Element.protectedEnvironment(name));
            if (address != null) {
                environments.add(new ProtectedEnvironment(name, address, null));
            }
            each.end();
        }
        return environments;
    }

    private VerificationPlan.Backup backup(Section backup, boolean inContainer) {
        ArchiveFormat format = backup.scalar("format", PlanReader::format);
        if (inContainer && format == ArchiveFormat.DIRECTORY) {
            backup.problemAt(
                    "format",
                    "is 'directory', but the source is a container, where pg_dump would have to write the files; use custom, which leaves the container as a stream");
        }
        Compression compression = backup.scalar("compression", Compression::parse);
        Integer jobs = backup.scalar("jobs", PlanReader::jobs);
        if (jobs != null && jobs > 1 && inContainer) {
            backup.problemAt(
                    "jobs", "is '" + jobs + "', but the archive leaves a container as a single stream; expected 1");
        } else if (jobs != null && jobs > 1 && format == ArchiveFormat.CUSTOM) {
            backup.problemAt(
                    "jobs",
                    "is '" + jobs
                            + "' with the custom format, which pg_dump writes with one job; use 1, or <format>directory</format>");
        }
        KeepArchive keepArchive = backup.choice("keepArchive", KeepArchive.class, KeepArchive.ALWAYS);
        Rate maximumRate = backup.scalar("maximumRate", Rate::parse);
        if (maximumRate != null && (format == ArchiveFormat.DIRECTORY || jobs != null && jobs > 1)) {
            backup.problemAt(
                    "maximumRate",
                    "is '" + backup.text("maximumRate")
                            + "' with the directory format, whose files pg_dump writes itself; use it with <format>custom</format>");
        }
        Path directory = directory(backup);
        backup.end();
        return new VerificationPlan.Backup(format, compression, jobs, keepArchive, maximumRate, directory);
    }

    private static VerificationPlan.Restore restore(Section restore) {
        EngineChoice engine = restore.choice("engine", EngineChoice.class, EngineChoice.AUTO);
        String image = restore.text("image");
        if (image != null && engine == EngineChoice.LOCAL) {
            restore.problemAt("image", "is '" + image + "', but the engine is local; use the engine auto or container");
        }
        PgRestore.Roles roles = restore.choice("roles", PgRestore.Roles.class, PgRestore.Roles.PROVISION);
        VerificationPlan.Restore result = new VerificationPlan.Restore(
                engine,
                image,
                restore.scalar("jobs", PlanReader::jobs),
                roles,
                restore.scalar("maximumDuration", PlanReader::duration),
                parameters(restore),
                toleratedDifferences(restore));
        restore.end();
        return result;
    }

    private static Map<String, String> parameters(Section restore) {
        Map<String, String> parameters = new LinkedHashMap<>();
        restore.map("parameters", "work_mem=64MB,max_locks_per_transaction=4096")
                .forEach((written, value) -> {
                    String name = ServerParameter.name(written);
                    Optional<String> refusal = ServerParameter.refusal(name);
                    if (refusal.isPresent()) {
                        restore.problemAt("parameters", "cannot set '" + written + "': " + refusal.get());
                    } else if (value.chars().anyMatch(Character::isISOControl)) {
                        restore.problemAt("parameters", "gives '" + written + "' a value with control characters");
                    } else if (parameters.put(name, value) != null) {
                        restore.problemAt("parameters", "sets '" + name + "' twice");
                    }
                });
        return parameters;
    }

    private static List<ToleratedDifference> toleratedDifferences(Section restore) {
        List<ToleratedDifference> tolerated = new ArrayList<>();
        for (Section each : restore.list("toleratedDifferences", "toleratedDifference")) {
            tolerated.add(new ToleratedDifference(
                    each.required("object", "it names kind and object, as in POLICY app.orders tenant_policy"),
                    each.required("reason", "an auditor will ask for it"),
                    each.scalar("until", PlanReader::date)));
            each.end();
        }
        return tolerated;
    }

    private @Nullable Path directory(Section section) {
        Path directory = section.scalar("directory", this::directory);
        if (directory != null && buildDirectory != null && directory.startsWith(buildDirectory)) {
            section.problemAt(
                    "directory",
                    "is " + directory + ", inside " + buildDirectory
                            + ", which mvn clean deletes; choose a directory outside of it");
        }
        return directory;
    }

    private Path directory(String text) {
        if (text.isEmpty()) {
            throw new IllegalArgumentException("expected a directory for verified archives");
        }
        return baseDirectory.resolve(text).toAbsolutePath().normalize();
    }

    /** Not yet a path: on some systems, a pattern is not a valid path. */
    private String absolute(String text) {
        if (text.isEmpty()) {
            throw new IllegalArgumentException("expected a file or folder that pg_dump wrote, or a pattern");
        }
        return new File(text).isAbsolute() ? text : new File(baseDirectory.toFile(), text).getAbsolutePath();
    }

    private Path file(String text) {
        if (text.isEmpty()) {
            throw new IllegalArgumentException("expected a file");
        }
        return baseDirectory.resolve(text).toAbsolutePath().normalize();
    }

    /** One for each file, separated by commas. */
    private static List<String> hashes(String text) {
        List<String> hashes = Stream.of(text.split(",", -1)).map(String::strip).toList();
        if (!hashes.stream().allMatch(hash -> hash.matches("[0-9a-fA-F]{64}"))) {
            throw new IllegalArgumentException("expected 64 hexadecimal digits, as printed by sha256sum");
        }
        return hashes.stream().map(hash -> hash.toLowerCase(Locale.ROOT)).toList();
    }

    private List<Path> paths(String text) {
        return Arrays.stream(text.split(File.pathSeparator, -1))
                .filter(each -> !each.isBlank())
                .map(each -> baseDirectory.resolve(each.trim()))
                .toList();
    }

    private static int jobs(String text) {
        if (!text.matches("\\d{1,3}") || Integer.parseInt(text) < 1 || Integer.parseInt(text) > 128) {
            throw new IllegalArgumentException("expected a number from 1 to 128");
        }
        return Integer.parseInt(text);
    }

    private static Duration duration(String text) {
        return duration(text, 20, "below 20 days, such as 30s, 10m, 2h or PT10M");
    }

    private static Duration age(String text) {
        return duration(text, 3_653, "below ten years, such as 6h, 1d or PT6H");
    }

    private static Duration duration(String text, int daysBelow, String allowed) {
        try {
            Duration duration = Duration.parse(toIso(text));
            if (!duration.isNegative() && !duration.isZero() && duration.compareTo(Duration.ofDays(daysBelow)) < 0) {
                return duration;
            }
        } catch (DateTimeParseException e) {
            // reported below
        }
        throw new IllegalArgumentException("expected a duration above zero and " + allowed);
    }

    /** Converts a short form, such as {@code 10m} or {@code 1d12h}, to ISO-8601; returns any other text unchanged. */
    private static String toIso(String text) {
        Matcher parts = SHORT_DURATION.matcher(text);
        if (text.isEmpty() || !parts.matches()) {
            return text;
        }
        String days = parts.group("days");
        String time = parts.group("time");
        return "P" + (days == null ? "" : days) + (time.isEmpty() ? "" : "T" + time);
    }

    private static String sha256(String text) {
        if (!text.matches("[0-9a-f]{64}")) {
            throw new IllegalArgumentException("expected demands.sha256 of a verification.json, 64 hexadecimal digits");
        }
        return text;
    }

    private static int retries(String text) {
        if (!text.matches("\\d{1,2}")) {
            throw new IllegalArgumentException("expected a number from 0 (one attempt) to 99");
        }
        return Integer.parseInt(text);
    }

    private static int maximumDistinct(String text) {
        if (!text.matches("\\d{1,3}")) {
            throw new IllegalArgumentException("expected a number from 0 (no values) to 999");
        }
        return Integer.parseInt(text);
    }

    private static LocalDate date(String text) {
        try {
            return LocalDate.parse(text);
        } catch (DateTimeParseException e) {
            throw new IllegalArgumentException("expected a date such as 2027-03-31", e);
        }
    }
}
