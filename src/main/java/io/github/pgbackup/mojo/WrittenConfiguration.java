package io.github.pgbackup.mojo;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.apache.maven.model.Build;
import org.apache.maven.model.BuildBase;
import org.apache.maven.model.Model;
import org.apache.maven.model.Plugin;
import org.apache.maven.model.PluginContainer;
import org.apache.maven.model.PluginExecution;
import org.apache.maven.model.Profile;
import org.apache.maven.plugin.MojoExecution;
import org.apache.maven.project.MavenProject;
import org.codehaus.plexus.util.xml.Xpp3Dom;
import org.jspecify.annotations.Nullable;

/**
 * One {@code <configuration>} as the user wrote it, before Maven interpolates it and merges it with others.
 *
 * @param where the POM that contains it, as messages name it
 */
record WrittenConfiguration(String where, Xpp3Dom configuration) {

    /** A place in a POM for {@code <plugin>}; the first one wins. */
    private record Place(
            Model model,
            @Nullable PluginContainer plugins,
            @Nullable PluginContainer managed) {}

    /**
     * All configurations that Maven merges for one execution of a goal; the first one wins. The order is that of
     * Maven's model builder: the execution before the plugin, plugins before managed plugins, profiles before their
     * POM, children before parents.
     */
    static List<WrittenConfiguration> of(@Nullable MavenProject project, MojoExecution execution) {
        List<WrittenConfiguration> ofExecution = new ArrayList<>();
        List<WrittenConfiguration> managedOfExecution = new ArrayList<>();
        List<WrittenConfiguration> ofPlugin = new ArrayList<>();
        List<WrittenConfiguration> managedOfPlugin = new ArrayList<>();
        for (Place place : places(project)) {
            boolean inherited = project != null && place.model() != project.getOriginalModel();
            collect(place.model(), place.plugins(), execution, inherited, ofExecution, ofPlugin);
            collect(place.model(), place.managed(), execution, inherited, managedOfExecution, managedOfPlugin);
        }
        ofExecution.addAll(managedOfExecution);
        ofExecution.addAll(ofPlugin);
        ofExecution.addAll(managedOfPlugin);
        return ofExecution;
    }

    private static List<Place> places(@Nullable MavenProject project) {
        List<Place> places = new ArrayList<>();
        for (MavenProject at = project; at != null; at = at.getParent()) {
            Model model = at.getOriginalModel();
            if (model == null) {
                continue;
            }
            List<String> active = at.getInjectedProfileIds().values().stream()
                    .flatMap(Collection::stream)
                    .toList();
            for (Profile profile : model.getProfiles()) {
                BuildBase build = profile.getBuild();
                if (build != null && active.contains(profile.getId())) {
                    places.add(new Place(model, build, build.getPluginManagement()));
                }
            }
            Build build = model.getBuild();
            if (build != null) {
                places.add(new Place(model, build, build.getPluginManagement()));
            }
        }
        return places;
    }

    private static void collect(
            Model model,
            @Nullable PluginContainer container,
            MojoExecution execution,
            boolean inherited,
            List<WrittenConfiguration> ofExecution,
            List<WrittenConfiguration> ofPlugin) {
        if (container == null) {
            return;
        }
        for (Plugin plugin : container.getPlugins()) {
            if (!isSame(plugin, execution) || inherited && "false".equals(plugin.getInherited())) {
                continue;
            }
            String where = model.getArtifactId() + "'s POM";
            for (PluginExecution each : plugin.getExecutions()) {
                if (each.getId().equals(execution.getExecutionId())
                        && each.getConfiguration() instanceof Xpp3Dom configuration
                        && !(inherited && "false".equals(each.getInherited()))) {
                    ofExecution.add(new WrittenConfiguration(
                            where + ", execution '" + execution.getExecutionId() + "'", configuration));
                }
            }
            if (plugin.getConfiguration() instanceof Xpp3Dom configuration) {
                ofPlugin.add(new WrittenConfiguration(where, configuration));
            }
        }
    }

    /** Before interpolation, the group ID can be a property. */
    private static boolean isSame(Plugin plugin, MojoExecution execution) {
        return execution.getArtifactId().equals(plugin.getArtifactId())
                && (execution.getGroupId().equals(plugin.getGroupId())
                        || String.valueOf(plugin.getGroupId()).contains("${"));
    }
}
