package io.github.pgbackup.handover;

import java.util.Locale;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A migration tool whose Maven plugin is led to the restored database by its own properties. A project's property wins over
 * the plugin's defaults and, with Flyway, over the POM; what wins over it in turn is the goal {@code start} looks for.
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

    /** No {@code <server>} of settings.xml is called so. */
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
     * @param user what its property of the user is called
     * @param server what its property of the server in settings.xml is called
     * @param hasDefaultServer whether there is one that it looks for where that property is missing
     * @param decisive matches what names of properties and variables, {@link #plain}, may lead elsewhere
     * @param files matches the names, plain, by which its plugin is given files with properties
     * @param decisiveTags matches what tags of its plugin's configuration, plain, a property does not win over
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

    /** As {@code <handOver>} takes it. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The tool of that name. */
    public static Optional<Tool> named(String name) {
        return Stream.of(values()).filter(tool -> tool.toString().equals(name)).findFirst();
    }

    /** The artifact id of its Maven plugin. */
    public String plugin() {
        return plugin;
    }

    /** Whether a goal of its plugin changes the database; what is not known to read only does. */
    public boolean changes(String goal) {
        return !READING.contains(goal);
    }

    /** The phase of its goal that migrates, where an execution names none; empty: it does not run then. */
    public Optional<String> defaultPhase() {
        return this == FLYWAY ? Optional.of("pre-integration-test") : Optional.empty();
    }

    /** Sets a project's properties so that its plugin goes to the restored database. */
    public void lead(Properties project, RestoredConnection connection) {
        lead(
                project,
                connection.url(),
                connection.login().user(),
                connection.login().password());
    }

    /** Keeps its plugin from any database, where none was handed over. */
    public void leadNowhere(Properties project) {
        lead(project, "jdbc:postgresql://127.0.0.1:1/nothing-was-handed-over", "", "");
        project.setProperty(property("skip"), "true");
    }

    /** Credentials of a server in settings.xml would replace those that are handed over. */
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

    /** A name as it is compared: a variable, a property and a key of a file differ in letters' case and in separators. */
    static String plain(String name) {
        return name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]", "");
    }

    /** Whether what has this name may lead the tool to another database, or to this one as somebody else. */
    public boolean isDecisive(String name) {
        return plain(name).matches(decisive);
    }

    /** The same of a key in one of the tool's own files, where the tool's name can be left out. */
    public boolean isDecisiveInFile(String key) {
        return isDecisive(key) || isDecisive(property(key));
    }

    /** Whether it names files of the tool. */
    public boolean namesFiles(String name) {
        return plain(name).matches(files);
    }

    public boolean isDecisiveTag(String tag) {
        return plain(tag).matches(decisiveTags);
    }

    /** A value that Maven takes from what is handed over. */
    public boolean isHandedOver(String value) {
        return value.matches("\\$\\{" + this + "\\.(url|" + user + "|password)}")
                || value.startsWith("${" + RestoredConnection.PREFIX);
    }

    /** A property of the tool; what to write into the POM instead of a tag. */
    public String property(String name) {
        return this + "." + name;
    }
}
