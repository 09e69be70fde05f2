package io.github.pgbackup.handover;

import java.util.Locale;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A migration tool. Properties of the tool point its Maven plugin to the restored database. A project's property
 * overrides the plugin's defaults and, with Flyway, the POM. The goal {@code start} looks for settings that override
 * the property.
 */
public enum Tool {
    /** {@code org.flywaydb:flyway-maven-plugin}. */
    FLYWAY(
            "flyway-maven-plugin",
            "user",
            "serverId",
            true,
            "flyway(url|user|password|driver|serverid|jdbcproperties.*|environments?.*)|environments.+",
            "(flyway)?configfiles",
            "serverid"),
    /** {@code org.liquibase:liquibase-maven-plugin}. */
    LIQUIBASE(
            "liquibase-maven-plugin",
            "username",
            "server",
            false,
            "liquibase(command[a-z]*)?(url|username|password|server|driverpropertiesfile)",
            "(liquibase)?propertyfile|liquibasedefaultsfile",
            "url|username|password|server");

    private static final Set<String> READING =
            Set.of("info", "validate", "status", "history", "diff", "generateChangeLog", "help");

    /** A name that no {@code <server>} in settings.xml has. */
    private static final String NO_SERVER = "pgbackup-none";

    private final String plugin;
    private final String user;
    private final String server;
    private final boolean hasDefaultServer;
    private final String decisive;
    private final String files;
    private final String decisiveTags;

    /**
     * Describes a tool.
     *
     * @param user name of its property for the user
     * @param server name of its property for the server in settings.xml
     * @param hasDefaultServer whether the tool looks for a default server if that property is missing
     * @param decisive matches the {@link #plain} names of properties and variables that can lead the tool elsewhere
     * @param files matches the plain names of settings that give its plugin files with properties
     * @param decisiveTags matches the plain names of tags in its plugin's configuration that override a property
     */
    Tool(
            String plugin,
            String user,
            String server,
            boolean hasDefaultServer,
            String decisive,
            String files,
            String decisiveTags) {
        this.plugin = plugin;
        this.user = user;
        this.server = server;
        this.hasDefaultServer = hasDefaultServer;
        this.decisive = decisive;
        this.files = files;
        this.decisiveTags = decisiveTags;
    }

    /** Its name in {@code <handOver>}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The tool with a name. */
    public static Optional<Tool> named(String name) {
        return Stream.of(values()).filter(tool -> tool.toString().equals(name)).findFirst();
    }

    /** Artifact ID of its Maven plugin. */
    public String plugin() {
        return plugin;
    }

    /** Whether a goal of its plugin changes the database. An unknown goal counts as one that does. */
    public boolean changes(String goal) {
        return !READING.contains(goal);
    }

    /** The default phase of its goal that migrates; empty if the goal has no default phase and so does not run. */
    public Optional<String> defaultPhase() {
        return this == FLYWAY ? Optional.of("pre-integration-test") : Optional.empty();
    }

    /** Sets a project's properties so that its plugin uses the restored database. */
    public void lead(Properties project, RestoredConnection connection) {
        lead(
                project,
                connection.url(),
                connection.login().user(),
                connection.login().password());
    }

    /** Keeps its plugin away from every database; used if none was handed over. */
    public void leadNowhere(Properties project) {
        lead(project, "jdbc:postgresql://127.0.0.1:1/nothing-was-handed-over", "", "");
        project.setProperty(property("skip"), "true");
    }

    /**
     * Sets the properties, also against a server in settings.xml, whose credentials would replace those handed over.
     */
    private void lead(Properties project, String url, String userName, String password) {
        project.setProperty(property("url"), url);
        project.setProperty(property(user), userName);
        project.setProperty(property("password"), password);
        if (hasDefaultServer) {
            project.setProperty(property(server), NO_SERVER);
        } else {
            project.remove(property(server));
        }
    }

    /**
     * A name in the form in which names are compared: variables, properties and keys of files differ in case and in
     * separators.
     */
    static String plain(String name) {
        return name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]", "");
    }

    /** Whether a setting with this name can lead the tool to another database, or to this one as another role. */
    public boolean isDecisive(String name) {
        return plain(name).matches(decisive);
    }

    /** The same for a key in one of the tool's own files, where the name of the tool can be left out. */
    public boolean isDecisiveInFile(String key) {
        return isDecisive(key) || isDecisive(property(key));
    }

    /** Whether a setting with this name names files of the tool. */
    public boolean namesFiles(String name) {
        return plain(name).matches(files);
    }

    public boolean isDecisiveTag(String tag) {
        return plain(tag).matches(decisiveTags);
    }

    /** Whether a value refers to what is handed over. */
    public boolean isHandedOver(String value) {
        return value.matches("\\$\\{" + this + "\\.(url|" + user + "|password)}")
                || value.startsWith("${" + RestoredConnection.PREFIX);
    }

    /** The name of a property of the tool, to write in the POM instead of a tag. */
    public String property(String name) {
        return this + "." + name;
    }
}
