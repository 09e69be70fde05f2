package io.github.pgbackup.mojo;

import io.github.pgbackup.plan.Tag;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.maven.execution.MavenSession;
import org.apache.maven.model.Plugin;
import org.apache.maven.model.PluginExecution;
import org.apache.maven.plugin.MojoExecution;
import org.apache.maven.plugin.descriptor.Parameter;
import org.apache.maven.project.MavenProject;
import org.codehaus.plexus.configuration.PlexusConfiguration;
import org.codehaus.plexus.util.xml.Xpp3Dom;
import org.jspecify.annotations.Nullable;

/**
 * The goal's configuration as the user wrote it. Maven silently ignores attributes, tags that match no parameter, and
 * all but the last of several tags with the same name. This class reads all of these from the model, so that none goes
 * unnoticed.
 */
record MavenConfiguration(MavenSession session, MojoExecution execution) {

    private static final String OUTPUT_DIRECTORY = "outputDirectory";

    /** Goals that write evidence. */
    private static final Set<String> VERIFYING = Set.of("verify-backup", "test-expectations", "start");

    /** IDs that Maven gives to an execution if the user gives none. */
    private static final Set<String> DEFAULT_EXECUTIONS = Set.of("default", "default-cli");

    /**
     * The tags of the goal.
     *
     * @param parameters the values that Maven injected, by name: text or {@link PlexusConfiguration}
     */
    Tag tags(Map<String, @Nullable Object> parameters) {
        List<Tag> tags = new ArrayList<>();
        Xpp3Dom merged = merged();
        parameters.forEach((name, value) -> {
            // Maven adds attributes of its own to the top-level tags: the type and the default of the parameter.
            Set<String> attributes = attributes(merged == null ? null : merged.getChild(name));
            if (value instanceof PlexusConfiguration configuration) {
                tags.add(tag(configuration).withAttributes(attributes));
            } else if (value != null) {
                tags.add(new Tag(name, value.toString().trim(), List.of()).withAttributes(attributes));
            }
        });
        if (merged != null) {
            tags.addAll(otherTags(merged, parameters.keySet()));
        }
        tags.addAll(repeatedTags());
        return new Tag("configuration", null, tags).withAttributes(attributes(merged));
    }

    private static Set<String> attributes(@Nullable Xpp3Dom tag) {
        return tag == null ? Set.of() : Set.of(tag.getAttributeNames());
    }

    private static Tag tag(PlexusConfiguration configuration) {
        List<Tag> children = Arrays.stream(configuration.getChildren())
                .map(MavenConfiguration::tag)
                .toList();
        String value = configuration.getValue();
        boolean empty = value == null || value.isBlank();
        return new Tag(configuration.getName(), empty ? null : value.trim(), children)
                .withAttributes(Set.of(configuration.getAttributeNames()));
    }

    /** The configuration of this execution after Maven has merged it; null if there is none. */
    private @Nullable Xpp3Dom merged() {
        Plugin plugin = plugin();
        if (plugin == null) {
            return null;
        }
        PluginExecution own = plugin.getExecutionsAsMap().get(execution.getExecutionId());
        Object nearest = own == null ? plugin.getConfiguration() : own.getConfiguration();
        return nearest instanceof Xpp3Dom configuration ? configuration : null;
    }

    /**
     * The plugin as the project declares it. On the command line, Maven creates a plugin from the goal's coordinates;
     * that one has no executions.
     */
    private @Nullable Plugin plugin() {
        Plugin plugin = execution.getPlugin();
        MavenProject project = session.getCurrentProject();
        Plugin ofProject = plugin == null || project == null ? null : project.getPlugin(plugin.getKey());
        return ofProject == null ? plugin : ofProject;
    }

    /**
     * Tags that no goal of this plugin has, and tags of this goal whose parameter is not a text, such as a directory.
     */
    private List<Tag> otherTags(Xpp3Dom merged, Set<String> injected) {
        Set<String> others = execution.getMojoDescriptor().getPluginDescriptor().getMojos().stream()
                .filter(mojo -> !mojo.getGoal().equals(execution.getGoal()))
                .flatMap(mojo -> mojo.getParameters().stream())
                .map(Parameter::getName)
                .collect(Collectors.toSet());
        ofThisGoal().forEach(others::remove);
        return Arrays.stream(merged.getChildren())
                .map(Xpp3Dom::getName)
                .distinct() // repeatedTags() reports repeated tags
                .filter(name -> !injected.contains(name) && !others.contains(name))
                .map(merged::getChild)
                .map(child -> new Tag(child.getName(), child.getValue(), List.of()).withAttributes(attributes(child)))
                .toList();
    }

    private Set<String> ofThisGoal() {
        return execution.getMojoDescriptor().getParameters().stream()
                .map(Parameter::getName)
                .collect(Collectors.toSet());
    }

    /**
     * An empty tag for each tag that repeats the name of another one in the same {@code <configuration>}: Maven uses
     * only the last one.
     */
    private List<Tag> repeatedTags() {
        List<WrittenConfiguration> written = written();
        List<Tag> repeated = new ArrayList<>();
        for (String name : new TreeSet<>(ofThisGoal())) {
            int most = written.stream()
                    .mapToInt(each -> each.configuration().getChildren(name).length)
                    .max()
                    .orElse(0);
            repeated.addAll(Collections.nCopies(Math.max(0, most - 1), new Tag(name, null, List.of())));
        }
        return repeated;
    }

    /** What Maven lost when it merged lists of one POM with lists of another. */
    List<String> mergeLosses() {
        Xpp3Dom merged = merged();
        return merged == null ? List.of() : new MergedLists(written(), merged).losses();
    }

    private List<WrittenConfiguration> written() {
        return WrittenConfiguration.of(session.getCurrentProject(), execution);
    }

    /** Whether the user configured the folder of the evidence. */
    boolean namesOutputDirectory() {
        Xpp3Dom merged = merged();
        return merged != null && merged.getChild(OUTPUT_DIRECTORY) != null
                || property("pgbackup." + OUTPUT_DIRECTORY) != null;
    }

    /**
     * The suffix of the evidence folder's name. If a project verifies several backups, each execution except the
     * default one has a folder that ends with the execution's ID.
     */
    String folderSuffix() {
        Plugin plugin = plugin();
        List<PluginExecution> verifying = plugin == null
                ? List.of()
                : plugin.getExecutions().stream()
                        .filter(each -> each.getGoals().stream().anyMatch(VERIFYING::contains))
                        .toList();
        String own = execution.getExecutionId();
        boolean verifies = verifying.stream().anyMatch(each -> each.getId().equals(own));
        boolean amongOthers =
                verifying.stream().anyMatch(each -> !each.getId().equals(own) && !"none".equals(each.getPhase()));
        return verifies && amongOthers && !DEFAULT_EXECUTIONS.contains(own)
                ? "-" + own.replaceAll("[^\\p{L}\\p{N}._-]", "_")
                : "";
    }

    /** The value of a property. The command line comes first, then the system properties, then the POM. */
    @Nullable String property(String name) {
        Properties ofProject = session.getCurrentProject() == null
                ? new Properties()
                : session.getCurrentProject().getProperties();
        for (Properties properties : List.of(session.getUserProperties(), session.getSystemProperties(), ofProject)) {
            String value = properties.getProperty(name);
            if (value != null) {
                return value.trim();
            }
        }
        return null;
    }

    /** Properties that override those of a project. */
    Map<String, String> commandLine() {
        Map<String, String> given = new TreeMap<>(text(session.getSystemProperties()));
        given.putAll(text(System.getProperties()));
        given.putAll(text(session.getUserProperties()));
        given.keySet().removeIf(name -> name.startsWith("env."));
        return given;
    }

    Map<String, String> projectProperties() {
        return session.getCurrentProject() == null
                ? Map.of()
                : text(session.getCurrentProject().getProperties());
    }

    private static Map<String, String> text(Properties properties) {
        return properties.stringPropertyNames().stream()
                .collect(Collectors.toMap(Function.identity(), properties::getProperty));
    }

    /**
     * The configurations of other plugins of the project: the texts of each tag, by the tag's name.
     *
     * @param artifacts artifact IDs of the plugins
     */
    Map<String, List<Map<String, List<String>>>> pluginConfigurations(List<String> artifacts) {
        Map<String, List<Map<String, List<String>>>> found = new TreeMap<>();
        MavenProject project = session.getCurrentProject();
        for (Plugin plugin : project == null ? List.<Plugin>of() : project.getBuildPlugins()) {
            if (artifacts.contains(plugin.getArtifactId())) {
                List<Map<String, List<String>>> configurations =
                        found.computeIfAbsent(plugin.getArtifactId(), artifact -> new ArrayList<>());
                Stream.concat(
                                Stream.of(plugin.getConfiguration()),
                                plugin.getExecutions().stream().map(PluginExecution::getConfiguration))
                        .filter(Xpp3Dom.class::isInstance)
                        .map(configuration -> texts((Xpp3Dom) configuration))
                        .forEach(configurations::add);
            }
        }
        return found;
    }

    private static Map<String, List<String>> texts(Xpp3Dom configuration) {
        Map<String, List<String>> texts = new TreeMap<>();
        for (Xpp3Dom tag : configuration.getChildren()) {
            List<String> values = texts.computeIfAbsent(tag.getName(), name -> new ArrayList<>());
            Stream.concat(Stream.of(tag), Stream.of(tag.getChildren()))
                    .map(Xpp3Dom::getValue)
                    .filter(value -> value != null && !value.isBlank())
                    .map(String::trim)
                    .forEach(values::add);
        }
        return texts;
    }

    /** The directory that {@code mvn clean} deletes; empty in a directory without a POM. */
    Optional<Path> buildDirectory() {
        MavenProject project = session.getCurrentProject();
        return project == null || project.getFile() == null
                ? Optional.empty()
                : Optional.ofNullable(project.getBuild().getDirectory()).map(Path::of);
    }

    Path baseDirectory() {
        return session.getCurrentProject() == null
                        || session.getCurrentProject().getBasedir() == null
                ? Path.of("").toAbsolutePath()
                : session.getCurrentProject().getBasedir().toPath();
    }
}
