package io.github.pgbackup.backup.stored;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.Machine;
import io.github.pgbackup.Remedy;
import io.github.pgbackup.Setting;
import io.github.pgbackup.Sha256;
import io.github.pgbackup.archive.Compression;
import io.github.pgbackup.archive.Entry;
import io.github.pgbackup.archive.StoredArchive;
import io.github.pgbackup.archive.TableOfContents;
import io.github.pgbackup.backup.Backup;
import io.github.pgbackup.backup.BackupSource;
import io.github.pgbackup.backup.RestoreChoice;
import io.github.pgbackup.backup.ServerStart;
import io.github.pgbackup.baseline.Baseline;
import io.github.pgbackup.baseline.LiveRows;
import io.github.pgbackup.baseline.SourceDescription;
import io.github.pgbackup.comparison.HashOnServer;
import io.github.pgbackup.disk.DiskSpace;
import io.github.pgbackup.engine.ChosenEngine;
import io.github.pgbackup.engine.PostgresServer;
import io.github.pgbackup.evidence.Check;
import io.github.pgbackup.evidence.EvidenceFolder;
import io.github.pgbackup.evidence.Fact;
import io.github.pgbackup.evidence.Facts;
import io.github.pgbackup.evidence.VerificationReport;
import io.github.pgbackup.manifest.Answer;
import io.github.pgbackup.manifest.Manifest;
import io.github.pgbackup.manifest.ManifestFile;
import io.github.pgbackup.plan.Comparison;
import io.github.pgbackup.plan.GivenArchive;
import io.github.pgbackup.postgres.PostgresVersion;
import io.github.pgbackup.postgres.Session;
import io.github.pgbackup.production.SourceDescriber;
import io.github.pgbackup.restore.Role;
import io.github.pgbackup.restore.RoleSettings;
import io.github.pgbackup.restore.RolesScript;
import io.github.pgbackup.source.ExtensionLibraries;
import io.github.pgbackup.source.Identity;
import io.github.pgbackup.source.Source;
import io.github.pgbackup.stage.Background;
import io.github.pgbackup.stage.Run;
import io.github.pgbackup.text.ExactDuration;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** An existing archive. It belongs to the user: it is only read, never written to, moved or deleted. */
public final class StoredBackup implements BackupSource {

    /** The oldest major version whose pg_restore reads an archive, by the version of the archive format. */
    private static final Map<String, Integer> OLDEST_READER = Map.of("1.15", 16, "1.16", 17);

    /** The header of an archive names no time zone, and time zones differ by up to 26 hours. */
    private static final Duration BETWEEN_TIME_ZONES = Duration.ofHours(26);

    /** Maximum difference between the clocks of production and of this machine. */
    private static final Duration BETWEEN_CLOCKS = Duration.ofHours(1);

    /** The first major version whose pg_dumpall runs pg_dump with {@code --create}. */
    private static final int FIRST_WITH_WHOLE_PARTS = 11;

    private static final String SUPERUSER = "postgres";

    private static final String GROUP = "archive";
    private static final String OTHER_DATABASES = "Other databases of the server. Each needs a backup of its own.";

    /** The name of the restored database if a plain dump does not name its database. */
    private static final String UNNAMED = "restored";

    private final Run run;
    private final GivenArchive given;
    private final Map<String, String> variables;
    private final @Nullable LiveReference reference;
    private final Facts facts = new Facts();
    private final List<Input> inputs = new ArrayList<>();
    private final List<StoredArchive> files = new ArrayList<>();
    private String howFound = "";
    private @Nullable Input globals;
    private @Nullable StoredArchive read;
    private @Nullable Manifest manifest;

    /** Whether nothing names the database of the archive. */
    private boolean unnamed;

    private List<Role> roles = List.of();
    private RoleSettings settings = RoleSettings.NONE;

    /**
     * A file that the configuration names: an archive, or the global objects.
     *
     * @param expected the hash that the configuration demands; null when it demands none
     */
    private record Input(Path path, String sha256, @Nullable String expected) {}

    /** An instant at which something was taken, and the source of that information. */
    private record Dated(String by, Instant at, String when, Duration tolerance) {}

    /**
     * An archive that the configuration names.
     *
     * @param variables the environment variables of this process, for {@code PATH}
     * @param reference the source that it is compared with; null when there is none
     */
    public StoredBackup(Run run, GivenArchive given, Map<String, String> variables, @Nullable LiveReference reference) {
        this.run = run;
        this.given = given;
        this.variables = variables;
        this.reference = reference;
    }

    @Override
    public Facts facts() {
        return facts;
    }

    @Override
    public String name() {
        return files.size() > 1
                ? "The archive in " + files.size() + " files ("
                        + files.stream().map(file -> file.path().toString()).collect(Collectors.joining(", ")) + ")"
                : "The archive " + (read == null ? origin() : read.path());
    }

    @Override
    public void guard() throws Exception {
        run.stages().run("read archive", this::readArchive);
        TableOfContents contents = contents();
        files.forEach(file -> requireConsistentHeader(file.archive().contents()));
        requireIdentity(contents);
        for (Input file : inputs) {
            requireHash(file);
        }
        requireManifest();
        requireWholeDatabase(contents);
        checkAge();
        files.forEach(this::warnOfNoCheckSums);
        roles = readRoles(contents);
        if (reference != null) {
            reference.guard(facts);
        }
    }

    private String origin() {
        return given.origin().programs().isEmpty()
                ? String.join(", ", given.origin().files())
                : "of " + given.origin().names();
    }

    private StoredArchive archive() {
        return Objects.requireNonNull(read);
    }

    private TableOfContents contents() {
        return archive().archive().contents();
    }

    private StoredArchive readFiles() throws InterruptedException, IOException {
        List<ArchiveFinder.Found> found = new ArrayList<>();
        if (given.origin().programs().isEmpty()) {
            given.origin().files().forEach(file -> found.add(ArchiveFinder.find(file)));
        } else {
            found.add(new ArchiveCommand(given.origin(), variables).run(run));
        }
        for (ArchiveFinder.Found each : found) {
            run.console().info("  " + each.path() + ", " + each.how());
            String expected = given.sha256().isEmpty() ? null : given.sha256().get(inputs.size());
            if (found.size() > 1 && StoredArchive.holdsGlobalsAlone(each.path())) {
                globals = new Input(each.path(), Sha256.of(each.path()), expected);
                inputs.add(globals);
                continue;
            }
            Path unpackTo = run.folder().unpacked();
            StoredArchive stored = StoredArchive.read(
                    each.path(),
                    files.isEmpty() ? unpackTo : unpackTo.resolveSibling("archive-" + (files.size() + 1)),
                    run.plan().identity().database(),
                    () -> run.interruption().reason() != null);
            files.add(stored);
            inputs.add(new Input(each.path(), stored.sha256(), expected));
        }
        howFound = found.stream().map(ArchiveFinder.Found::how).collect(Collectors.joining("; "));
        if (files.isEmpty()) {
            throw new CannotVerifyException(
                    "The files "
                            + found.stream().map(each -> each.path().toString()).collect(Collectors.joining(", "))
                            + " contain only roles, no database.",
                    Remedy.NAME_AN_ARCHIVE_OF_PG_DUMP);
        }
        return files.size() == 1 ? files.get(0) : ArchiveFiles.together(files);
    }

    private void readArchive() throws InterruptedException, IOException {
        Instant began = Instant.now();
        StoredArchive stored = readFiles();
        read = stored;
        Optional<Path> written = manifestFile();
        Optional<Manifest> content = written.map(file -> ManifestFile.read(file, run.folder()::description));
        manifest = content.orElse(null);
        if (contents().databaseName().isEmpty()) {
            unnamed = content.isEmpty();
            stored = stored.ofDatabase(content.map(each -> each.source().database())
                    .orElse(run.plan().identity().database().orElse(UNNAMED)));
            read = stored;
        }
        facts.add(section(stored, written.orElse(null), Duration.between(began, Instant.now())));
        run.console()
                .info(String.format(
                        Locale.ROOT,
                        "  %s, %,d bytes, %d entries, SHA-256 %s…",
                        stored.form(),
                        stored.size(),
                        contents().entries().size(),
                        stored.sha256().substring(0, 12)));
    }

    private VerificationReport.Archive section(StoredArchive stored, @Nullable Path manifestFile, Duration duration)
            throws IOException {
        TableOfContents contents = stored.archive().contents();
        return new VerificationReport.Archive(
                stored.path().toString(),
                stored.sha256(),
                stored.size(),
                contents.format().toString(),
                contents.compression().toString(),
                contents.archiveVersion(),
                contents.entries().size(),
                "pg_dump " + contents.dumpVersion(),
                contents.serverVersion(),
                Optional.empty(),
                duration,
                true,
                Optional.empty(),
                Optional.of(new VerificationReport.Given(
                        contents.databaseName(),
                        howFound,
                        stored.form().name(),
                        contents.createdAt().toString(),
                        takenAt(),
                        Optional.ofNullable(manifestFile).map(Path::toString),
                        files.size() < 2
                                ? List.of()
                                : files.stream()
                                        .map(file -> new VerificationReport.GivenFile(
                                                file.path().toString(),
                                                file.sha256(),
                                                file.size(),
                                                file.form().name()))
                                        .toList())));
    }

    /**
     * Checks members of the header that occur twice or have a fixed form: they show whether the header is as pg_dump
     * wrote it.
     */
    private void requireConsistentHeader(TableOfContents contents) {
        for (String version : List.of(contents.serverVersion(), contents.dumpVersion())) {
            try {
                PostgresVersion.parse(version);
            } catch (IllegalArgumentException e) {
                throw damaged("its header names an invalid version: " + e.getMessage());
            }
        }
        Optional<Entry> database = contents.entries().stream()
                .filter(entry -> entry.description().equals("DATABASE"))
                .findFirst();
        if (database.isPresent() && !database.get().tag().equals(contents.databaseName())) {
            throw damaged("its header names the database '" + contents.databaseName() + "', its table of contents '"
                    + database.get().tag() + "'.");
        }
    }

    private CannotVerifyException damaged(String how) {
        return new CannotVerifyException(
                "The archive " + archive().path() + " is damaged: " + how,
                Remedy.TAKE_A_BACKUP_THAT_IS_WHAT_PG_DUMP_WROTE);
    }

    private void requireIdentity(TableOfContents contents) {
        List<Identity.Finding> findings = run
                .plan()
                .identity()
                .findings(
                        contents.databaseName(),
                        "",
                        false,
                        PostgresVersion.parse(contents.serverVersion()),
                        Optional.empty(),
                        Optional.empty())
                .stream()
                .filter(finding -> !unnamed || !finding.tag().equals("database"))
                .toList();
        findings.forEach(finding -> facts.add(Check.of(
                "identity",
                finding.name() + (reference == null ? "" : " of the archive"),
                finding.expected(),
                finding.actual(),
                finding.holds())));
        if (unnamed) {
            facts.warn("The dump does not contain the name, owner, locale, settings and privileges of its database;"
                    + " pg_dump --create writes them.");
        }
        if (archive().cluster() != null
                && PostgresVersion.parse(contents.dumpVersion()).major() < FIRST_WITH_WHOLE_PARTS) {
            facts.warn(
                    "The file creates the database separately from its dump, so the database's owner, locale, settings"
                            + " and privileges were not verified. pg_dumpall of PostgreSQL 11 or newer writes them together"
                            + " with the dump.");
        }
        String wrong = findings.stream()
                .filter(finding -> !finding.holds())
                .map(Identity.Finding::sentence)
                .collect(Collectors.joining("; "));
        if (!wrong.isEmpty()) {
            throw new CannotVerifyException(
                    name() + " is not a backup of the expected database: " + wrong + ".",
                    Remedy.NAME_ANOTHER_ARCHIVE_OR_CORRECT_THE_IDENTITY);
        }
    }

    /** Requires the hash in the configuration, or else the one in the file next to the archive. */
    private void requireHash(Input file) throws IOException {
        String expected = file.expected();
        String by = "" + Setting.ARCHIVE_SHA256;
        Path sumFile = hashFile(file.path());
        if (expected == null && Files.isRegularFile(sumFile)) {
            by = sumFile.toString();
            expected = firstWord(sumFile).toLowerCase(Locale.ROOT);
            if (!expected.matches("[0-9a-f]{64}")) {
                throw new CannotVerifyException(
                        "The file " + sumFile + " does not begin with a SHA-256, as sha256sum writes it.",
                        Remedy.SEE_WHICH_ARCHIVE_THE_HASH_IS_OF);
            }
        }
        if (expected == null) {
            return;
        }
        boolean equal = expected.equals(file.sha256());
        String name =
                inputs.size() == 1 ? "SHA-256" : "SHA-256 of " + file.path().getFileName();
        facts.add(Check.of(GROUP, name, expected, file.sha256(), equal));
        if (!equal) {
            throw new CannotVerifyException(
                    "The archive " + file.path() + " does not have the SHA-256 in " + by + ": expected " + expected
                            + ", actual " + file.sha256() + ".",
                    Remedy.SEE_WHICH_ARCHIVE_THE_HASH_IS_OF);
        }
    }

    /**
     * The manifest. Several files can have one: it says what their common source contained, and belongs to one of them.
     */
    private Optional<Path> manifestFile() {
        Path named = given.manifest();
        if (named != null) {
            return Optional.of(named);
        }
        List<Path> siblings = files.stream()
                .map(file -> ManifestFile.of(file.path()))
                .filter(Files::exists)
                .distinct()
                .toList();
        if (siblings.size() > 1) {
            throw new CannotVerifyException(
                    "Several of the files have a manifest: "
                            + siblings.stream().map(Path::toString).collect(Collectors.joining(", "))
                            + "; expected one at most, because each says what the whole database held.",
                    Remedy.NAME_ONE_MANIFEST);
        }
        return siblings.stream().findFirst();
    }

    /** Whether the manifest belongs to this file, as it is now or as it was before it was compressed. */
    private boolean isInManifest(StoredArchive file) {
        String expected = manifest == null ? "" : manifest.archive().sha256();
        return expected.equals(file.sha256()) || expected.equals(file.archive().sha256());
    }

    /** Requires that the manifest belongs to this archive or one of its files, and contains what is to be compared. */
    private void requireManifest() {
        Comparison comparison = run.plan().comparison();
        Manifest known = manifest;
        if (known == null) {
            if (comparison != Comparison.ROWS) {
                throw new CannotVerifyException(
                        name() + " has no manifest, but " + Setting.COMPARISON + " is '" + comparison
                                + "'. Without a manifest, the plugin can compare only objects and numbers of rows.",
                        Remedy.COMPARE_ROWS_OR_GIVE_A_MANIFEST);
            }
            return;
        }
        Path file = manifestFile().orElseThrow();
        String expected = known.archive().sha256();
        boolean belongs = files.stream().anyMatch(this::isInManifest);
        String actual =
                belongs ? expected : files.stream().map(StoredArchive::sha256).collect(Collectors.joining(", "));
        facts.add(Check.of(GROUP, "SHA-256 in the manifest", expected, actual, belongs));
        if (!belongs) {
            throw new CannotVerifyException(
                    "The manifest " + file + " belongs to another archive: to "
                            + known.archive().name()
                            + " with the SHA-256 " + expected + ", and "
                            + files.stream()
                                    .map(each -> "the archive " + each.path() + " has " + each.sha256())
                                    .collect(Collectors.joining(", "))
                            + ".",
                    Remedy.NAME_THE_MANIFEST_OF_THIS_ARCHIVE);
        }
        if (!known.content().comparison().includes(comparison)) {
            throw new CannotVerifyException(
                    "The manifest " + file + " was written with " + Setting.COMPARISON + " '"
                            + known.content().comparison() + "', which is not enough for '" + comparison + "'.",
                    Remedy.COMPARE_WHAT_THE_MANIFEST_HOLDS);
        }
        run.console().info("  manifest of " + known.source().takenAt() + ": compared with the source at that instant");
    }

    private static Path hashFile(Path path) {
        return path.resolveSibling(path.getFileName() + ".sha256");
    }

    private static String firstWord(Path file) throws IOException {
        try (var in = Files.newInputStream(file)) {
            return new String(in.readNBytes(100), StandardCharsets.US_ASCII)
                    .strip()
                    .split("\\s", 2)[0];
        }
    }

    /**
     * Refuses part of a database. An archive of selected schemas or tables (--schema, --table) does not say that there
     * were others.
     */
    private void requireWholeDatabase(TableOfContents contents) {
        Set<String> kinds = contents.entries().stream().map(Entry::description).collect(Collectors.toSet());
        List<Entry> data =
                contents.entries().stream().filter(Entry::isTableData).toList();
        boolean definesTables = contents.entries().stream()
                .anyMatch(entry -> entry.description().equals("TABLE")
                        && !entry.definition().contains("\nPARTITION BY "));
        String part = null;
        if (!kinds.contains("TABLE") && !data.isEmpty()) {
            part = "holds only rows, without the definitions of their tables (pg_dump --data-only)";
        } else if (!kinds.contains("DATABASE") && !contents.isOfAPlainDump()
                || !kinds.contains("TABLE") && kinds.contains("CONSTRAINT")) {
            part = "holds only a part of a database (pg_dump --section)";
        } else if (definesTables && data.isEmpty()) {
            part = "holds only definitions, without any rows (pg_dump --schema-only)";
        }
        if (part != null) {
            throw new CannotVerifyException(name() + " " + part + ".", Remedy.DUMP_THE_WHOLE_DATABASE);
        }
    }

    private void checkAge() throws IOException {
        Duration maximum = given.maximumAge();
        if (maximum == null) {
            return;
        }
        for (Dated each : dates()) {
            Duration age = Duration.ofSeconds(
                    Duration.between(each.at(), run.stages().startedAt()).toSeconds());
            facts.add(Check.of(
                    GROUP,
                    "age, by " + each.by(),
                    "at most " + ExactDuration.of(maximum),
                    ExactDuration.of(age) + ", as " + each.when(),
                    age.compareTo(maximum) <= 0
                            && age.compareTo(each.tolerance().negated()) >= 0));
        }
    }

    /** The instant of the state in the archive: that of its oldest file. */
    private Instant takenAt() throws IOException {
        return dates().stream().map(Dated::at).min(Comparator.naturalOrder()).orElseThrow();
    }

    /** The instant in the manifest, which dates one file, and the one of the oldest file without a manifest. */
    private List<Dated> dates() throws IOException {
        List<Dated> dates = new ArrayList<>();
        Manifest known = manifest;
        if (known != null) {
            Instant at = known.source().takenAt();
            dates.add(new Dated("the manifest", at, "the snapshot was taken at " + at, BETWEEN_CLOCKS));
        }
        StoredArchive oldest = files.stream()
                .filter(file -> !isInManifest(file))
                .min(Comparator.comparing(file -> file.archive().contents().createdAt()))
                .orElse(null);
        if (oldest != null && (known == null || files.size() > 1)) {
            LocalDateTime createdAt = oldest.archive().contents().createdAt();
            dates.add(new Dated(
                    isDatedByItsFile(oldest) ? "the time of the file" : "the archive's header",
                    createdAt.atZone(ZoneId.systemDefault()).toInstant(),
                    "it was taken at " + createdAt + " (" + ZoneId.systemDefault() + ")",
                    BETWEEN_TIME_ZONES));
        }
        return dates;
    }

    /** Whether only the time of the file dates it: a plain dump contains its start time only with --verbose. */
    private static boolean isDatedByItsFile(StoredArchive file) throws IOException {
        TableOfContents contents = file.archive().contents();
        Instant written = Files.getLastModifiedTime(file.path()).toInstant();
        return contents.isOfAPlainDump()
                && contents.createdAt().equals(LocalDateTime.ofInstant(written, ZoneId.systemDefault()));
    }

    /**
     * Warns if changed bytes could go unnoticed: gzip has checksums; lz4 and zstd as pg_dump writes them have none, and
     * neither has an uncompressed archive.
     */
    private void warnOfNoCheckSums(StoredArchive file) {
        Compression.Method method = file.archive().contents().compression();
        boolean hashed = isInManifest(file) || !given.sha256().isEmpty() || Files.isRegularFile(hashFile(file.path()));
        if (!file.form().wrapped() && !hashed && method != Compression.Method.GZIP) {
            facts.warn("A changed value in "
                    + (files.size() == 1 ? "this archive" : file.path().getFileName())
                    + " would not be noticed: "
                    + (method == Compression.Method.NONE
                            ? "rows that are not compressed have"
                            : "what pg_dump compresses with " + method + " has")
                    + " no checksums, and no SHA-256 was given. Write one when you take the backup (sha256sum"
                    + " FILE > FILE.sha256); the plugin finds it next to the archive.");
        }
    }

    private List<Role> readRoles(TableOfContents contents) {
        StoredArchive.Cluster cluster = archive().cluster();
        Input own = globals;
        Path script = given.roles() != null ? given.roles() : cluster != null ? cluster.globals() : null;
        if (script == null && own != null) {
            script = own.path();
        }
        Manifest known = manifest;
        if (known != null) {
            facts.add(new Fact.NotContained(known.content().doesNotContain()));
        }
        if (script == null && known != null) {
            return known.content().roles();
        }
        if (script == null) {
            facts.add(new Fact.NotContained(List.of(
                    "Attributes, memberships and passwords of roles. The roles that the archive names were created"
                            + " without them; pg_dumpall --globals-only saves them.",
                    OTHER_DATABASES)));
            return RolesScript.namedBy(contents);
        }
        try {
            byte[] bytes = Files.readAllBytes(script);
            if (own != null && script.equals(own.path()) && !Sha256.of(bytes).equals(own.sha256())) {
                throw new CannotVerifyException(
                        "The archive " + script + " changed while it was read.", Remedy.SEE_WHAT_ELSE_WRITES_THERE);
            }
            String sql = new String(bytes, contents.charset());
            List<Role> found = RolesScript.read(sql);
            settings = RoleSettings.read(sql);
            if (found.isEmpty()) {
                throw new CannotVerifyException(
                        "The file " + script + " creates no role.", Remedy.NAME_A_FILE_WITH_ROLES);
            }
            if (known == null) {
                facts.add(new Fact.NotContained(List.of(
                        cluster == null || cluster.others().isEmpty()
                                ? OTHER_DATABASES
                                : "Other databases. These are in the file and were not verified here: "
                                        + String.join(", ", cluster.others()) + ".")));
            }
            return found;
        } catch (IOException e) {
            throw new CannotVerifyException(
                    "The file with the roles cannot be read: " + CannotVerifyException.reason(e) + ".",
                    Remedy.NAME_A_FILE_WITH_ROLES,
                    e);
        }
    }

    @Override
    public Acquired acquire(ChosenEngine engine, ServerStart start, Background background) throws Exception {
        TableOfContents contents = contents();
        run.console().info("  engine " + engine.engine().name() + " (" + engine.reason() + ")");
        DiskSpace space = DiskSpace.ofArchive(archive().archive().size());
        run.stages().run("disk space", () -> {
            facts.warn(DiskSpace.require(
                    space.shortages(engine.engine().dataDirectory().orElse(null)),
                    run.plan().onLittleSpace()));
        });
        Backup.Origin origin = new Backup.Origin(contents.databaseName(), server(contents), superuser());
        Future<PostgresServer> starting = background.start(() -> run.stages().concurrently("target", () -> {
            PostgresServer started = start.start(origin, libraries(contents));
            facts.warn(DiskSpace.require(
                    space.shortages(started.freeSpace()), run.plan().onLittleSpace()));
            return started;
        }));
        Backup backup = new Backup(
                archive().archive(),
                roles,
                settings,
                contents.isOfAPlainDump()
                        ? RestoreChoice.ofPlainDump(Machine.here())
                        : RestoreChoice.ofStored(run.plan().restore().jobs(), Machine.here()),
                contents.entries().stream()
                        .filter(Entry::isTableData)
                        .collect(Collectors.toMap(entry -> entry.schema() + "." + entry.tag(), entry -> 0L, Long::sum)),
                Optional.empty(),
                Optional.ofNullable(reference).map(LiveReference::state));
        LiveReference live = reference;
        if (live == null) {
            return new Acquired(backup, starting, () -> baseline(starting));
        }
        Future<LiveRows> counting = background.start(live::count);
        return new Acquired(
                backup,
                starting,
                () -> new Baseline.Live(
                        baseline(starting),
                        run.stages().join("count rows of source", counting),
                        run.plan().reference()));
    }

    /** The superuser's name on the throw-away server: that of the source's, because it can be an owner or grantor. */
    private String superuser() {
        Manifest known = manifest;
        return known == null
                ? SUPERUSER
                : known.content().roles().stream()
                        .filter(Role::bootstrap)
                        .map(Role::name)
                        .findFirst()
                        .orElse(SUPERUSER);
    }

    private Baseline baseline(Future<PostgresServer> starting) throws Exception {
        Manifest known = manifest;
        if (known == null) {
            return new Baseline.None();
        }
        Comparison comparison = run.plan().comparison();
        HashOnServer hash = known.content().observations().hash();
        if (hash != null && comparison.includes(Comparison.CONTENT)) {
            try (Session target = Background.result(starting).connect("template1")) {
                if (!hash.isSameOn(target)) {
                    throw new CannotVerifyException(
                            "The manifest's fingerprints cannot be compared here: the throw-away server's processor orders bytes"
                                    + " differently from the source's, so the same row has a different hash.",
                            Remedy.COMPARE_ROWS_HERE);
                }
            }
        }
        Manifest.Definitions definitions = known.definitions();
        return new Baseline.Manifest(
                known.content().observations().upTo(comparison),
                definitions == null || !comparison.includes(Comparison.SCHEMA)
                        ? Optional.empty()
                        : Optional.of(new SourceDescription(
                                definitions.salt(), known.source().superuser(), definitions.descriptions())),
                Answer.to(run.plan().expectations(), known.content().answers()));
    }

    /**
     * The version of the throw-away server: that of the source, unless its pg_restore cannot read the archive or it is
     * too old for this plugin.
     */
    private PostgresVersion server(TableOfContents contents) {
        PostgresVersion source = PostgresVersion.parse(contents.serverVersion());
        int major = Math.max(
                Math.max(source.major(), Source.OLDEST_MAJOR),
                OLDEST_READER.getOrDefault(contents.archiveVersion(), Source.OLDEST_MAJOR));
        if (major == source.major()) {
            return source;
        }
        facts.warn("The archive is of PostgreSQL " + source + " and was restored into " + major + ": "
                + (source.major() < Source.OLDEST_MAJOR
                        ? "no archive is restored into a server older than " + Source.OLDEST_MAJOR + "."
                        : "pg_dump " + contents.dumpVersion() + " wrote it, and an older pg_restore cannot read it."));
        return PostgresVersion.ofNumber(major * 10_000);
    }

    /** The libraries of extensions. Some must be preloaded; whether they must shows when they are loaded. */
    private static ExtensionLibraries libraries(TableOfContents contents) {
        return new ExtensionLibraries(
                Optional.empty(),
                contents.entries().stream()
                        .filter(entry -> entry.description().equals("EXTENSION"))
                        .collect(Collectors.toMap(Entry::tag, entry -> Set.of(entry.tag()), (one, other) -> one)));
    }

    @Override
    public String tag() {
        return Setting.ARCHIVE_FILE.inFull();
    }

    @Override
    public void inspectAfterwards() throws Exception {
        if (reference != null) {
            reference.inspectAfterwards();
        }
    }

    @Override
    public void close() throws IOException {
        if (reference != null) {
            reference.close();
        }
        SourceDescriber.delete(run.folder()::description);
    }

    /** Deletes only what the run has unpacked. */
    @Override
    public boolean discard(boolean passed) throws IOException {
        EvidenceFolder.delete(run.folder().unpackedFolder());
        return false;
    }
}
