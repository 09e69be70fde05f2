package io.github.pgbackup;

import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The settings that messages name. Each has a key. The front end supplies the name that the user knows, with its
 * {@link SettingNames}, a service that this class loads. The text of a setting is its name.
 */
public enum Setting {
    ARCHIVE("archive"),
    ARCHIVE_COMMAND("archive.command"),
    ARCHIVE_FILE("archive.file"),
    ARCHIVE_FILTERS("archive.filters"),
    ARCHIVE_MANIFEST("archive.manifest"),
    ARCHIVE_ROLES("archive.roles"),
    ARCHIVE_SHA256("archive.sha256"),
    BACKUP_COMPRESSION("backup.compression"),
    BACKUP_DIRECTORY("backup.directory"),
    BACKUP_FORMAT("backup.format"),
    BACKUP_JOBS("backup.jobs"),
    BACKUP_KEEP_ARCHIVE("backup.keepArchive"),
    BIN_DIRECTORY("binDirectory"),
    BOUND_TO("boundTo"),
    BOUND_TO_COMMIT("boundTo.commit"),
    BOUND_TO_INCLUDES("boundTo.includes"),
    BUDGET("budget"),
    COMMAND("command"),
    COMPARISON("comparison"),
    DEMANDS("demands"),
    DIRECTORY("directory"),
    EXCLUDE("exclude"),
    EXPECTATIONS("expectations"),
    HISTORY_FILE("history.file"),
    HISTORY_TABLES("history.tables"),
    IDENTITY("identity"),
    IDENTITY_DATABASE("identity.database"),
    INCLUDE("include"),
    LOCK_WAIT_TIMEOUT("lockWaitTimeout"),
    MAXIMUM_AGE("maximumAge"),
    MAXIMUM_BLOCKING("maximumBlocking"),
    MAXIMUM_SNAPSHOT_BLOCKING("maximumSnapshotBlocking"),
    ON_LITTLE_SPACE("onLittleSpace"),
    OUTPUT_DIRECTORY("outputDirectory"),
    OUTPUT_FILE("outputFile"),
    REFERENCE("reference"),
    REFERENCE_TABLES("reference.tables"),
    REHEARSAL_COMMAND("rehearsal.command"),
    REHEARSAL_HAND_OVER("rehearsal.handOver"),
    REHEARSAL_MAXIMUM_LIFETIME("rehearsal.maximumLifetime"),
    REHEARSAL_ROLE("rehearsal.role"),
    REQUIRE_ARCHIVE("requireArchive"),
    RESTORE("restore"),
    RESTORE_ENGINE("restore.engine"),
    RESTORE_IMAGE("restore.image"),
    RESTORE_JOBS("restore.jobs"),
    RESTORE_PARAMETERS("restore.parameters"),
    RESTORE_ROLES("restore.roles"),
    SIGNATURE_SERVER_ID("signature.serverId"),
    SOURCE_CONTAINER("source.container"),
    SOURCE_SERVER_ID("source.serverId"),
    SOURCE_URL("source.url"),
    TIMEOUT("timeout"),
    TRUSTED_KEYS("trustedKeys"),
    WORK_DIRECTORY("workDirectory"),

    // In a section that the message names, or in the front end's entry for a server with secrets.
    CONTAINER("container"),
    KEEP_ARCHIVE("keepArchive"),
    PASSPHRASE("passphrase"),
    PROTECTED_ENVIRONMENT("protectedEnvironment"),
    PROTECTED_ENVIRONMENT_CONTAINER("protectedEnvironment.container"),
    SERVER("server"),
    SERVER_ID("serverId"),
    URL("url");

    private static final SettingNames NAMES = ServiceLoader.load(SettingNames.class, Setting.class.getClassLoader())
            .findFirst()
            .orElseThrow(() -> new IllegalStateException("No front end says what its settings are called."));

    private final String key;

    Setting(String key) {
        this.key = key;
    }

    /** With dots: {@code archive.file}. */
    public String key() {
        return key;
    }

    /** The name, with the other name in brackets. */
    public String inFull() {
        return nameInFull(key);
    }

    /** The same, with a value. */
    public String inFull(String value) {
        return is(value) + other(key).map(name -> " (" + name + ")").orElse("");
    }

    /** The name and the other name, separated by a comma. */
    public String listed() {
        return this + other(key).map(name -> ", " + name).orElse("");
    }

    /** The name or the other name. */
    public String orOther() {
        return this + other(key).map(name -> " or " + name).orElse("");
    }

    /** The setting with a value, for a sentence. */
    public String is(String value) {
        return NAMES.withValue(key, value);
    }

    /** The setting with a value, as the user writes it. */
    public String written(String value) {
        return NAMES.written(key, Map.of("", value))
                + other(key).map(name -> " (" + name + "=" + value + ")").orElse("");
    }

    /** The other name of a setting; if it has none, its only name. */
    public static String otherOrOnly(String key) {
        return other(key).orElseGet(() -> NAMES.name(key));
    }

    /** The name of a setting alone. */
    public static String name(String key) {
        return NAMES.name(key);
    }

    /** The name of a setting, with the other name in brackets. */
    public static String nameInFull(String key) {
        return NAMES.name(key) + other(key).map(name -> " (" + name + ")").orElse("");
    }

    /** Several settings, followed by their other names. */
    public static String inFull(Setting... settings) {
        String others = Stream.of(settings)
                .flatMap(setting -> other(setting.key).stream())
                .collect(Collectors.joining(", "));
        return Stream.of(settings).map(Setting::toString).collect(Collectors.joining(", "))
                + (others.isEmpty() ? "" : " (" + others + ")");
    }

    /** A named element of a list. */
    public static String named(Setting list, String name) {
        return NAMES.named(list.key, name);
    }

    /** An element that the user declares, with its content. */
    public static String element(String kind, Map<String, String> content) {
        return NAMES.written(kind, content);
    }

    private static Optional<String> other(String key) {
        return NAMES.otherName(key);
    }

    @Override
    public String toString() {
        return NAMES.name(key);
    }
}
