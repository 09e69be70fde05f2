package io.github.pgbackup.mojo;

import io.github.pgbackup.plan.Tag;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.maven.execution.MavenSession;
import org.apache.maven.model.Plugin;
import org.apache.maven.model.PluginExecution;
import org.apache.maven.plugin.MojoExecution;
import org.apache.maven.plugin.descriptor.Parameter;
import org.codehaus.plexus.configuration.PlexusConfiguration;
import org.codehaus.plexus.util.xml.Xpp3Dom;
import org.jspecify.annotations.Nullable;

/**
 * The goal's configuration as the user wrote it. Of a tag that no parameter bears Maven says nothing; here it is found
 * in the model, so that a misspelled one is not passed over.
 */
record MavenConfiguration(MavenSession session, MojoExecution execution) {

    /**
     * The tags of the goal.
     *
     * @param parameters what Maven has injected, by name: text or {@link PlexusConfiguration}
     */
    Tag tags(Map<String, @Nullable Object> parameters) {
        List<Tag> tags = new ArrayList<>();
        parameters.forEach((name, value) -> {
            if (value instanceof PlexusConfiguration configuration) {
                tags.add(tag(configuration));
            } else if (value != null) {
                tags.add(new Tag(name, value.toString().trim(), List.of()));
            }
        });
        tags.addAll(unknownTags());
        return new Tag("configuration", null, tags);
    }

    private static Tag tag(PlexusConfiguration configuration) {
        List<Tag> children = Arrays.stream(configuration.getChildren())
                .map(MavenConfiguration::tag)
                .toList();
        String value = configuration.getValue();
        boolean empty = value == null || value.isBlank();
        return new Tag(configuration.getName(), empty ? null : value.trim(), children);
    }

    /** Tags of the plugin's or the execution's {@code <configuration>} that no goal of this plugin has. */
    private List<Tag> unknownTags() {
        List<Tag> unknown = new ArrayList<>();
        Plugin plugin = execution.getPlugin();
        if (plugin == null) {
            return unknown;
        }
        PluginExecution own = plugin.getExecutionsAsMap().get(execution.getExecutionId());
        Set<String> known = execution.getMojoDescriptor().getPluginDescriptor().getMojos().stream()
                .flatMap(mojo -> mojo.getParameters().stream())
                .map(Parameter::getName)
                .collect(Collectors.toSet());
        Object nearest = own == null ? plugin.getConfiguration() : own.getConfiguration();
        if (nearest instanceof Xpp3Dom configuration) {
            for (Xpp3Dom child : configuration.getChildren()) {
                if (!known.contains(child.getName())) {
                    unknown.add(new Tag(child.getName(), child.getValue(), List.of()));
                }
            }
        }
        return unknown;
    }

    /** A property: from the command line, else from the system, else from the POM. */
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

    Path baseDirectory() {
        return session.getCurrentProject() == null
                        || session.getCurrentProject().getBasedir() == null
                ? Path.of("").toAbsolutePath()
                : session.getCurrentProject().getBasedir().toPath();
    }
}
