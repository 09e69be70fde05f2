package io.github.pgbackup.mojo;

import io.github.pgbackup.handover.Tool;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.maven.execution.MavenSession;
import org.apache.maven.model.Plugin;
import org.apache.maven.model.PluginExecution;
import org.apache.maven.plugin.MojoExecution;
import org.apache.maven.project.MavenProject;
import org.jspecify.annotations.Nullable;

/**
 * When the plugins of the tools run. A plugin that runs before {@code start}, or in another project, works on the
 * database in its own configuration.
 *
 * @param execution the execution of {@code start}
 */
record ToolExecutions(MavenSession session, MojoExecution execution) {

    /** The phases of Maven's default lifecycle, in order. */
    private static final List<String> PHASES = List.of(
            "validate",
            "initialize",
            "generate-sources",
            "process-sources",
            "generate-resources",
            "process-resources",
            "compile",
            "process-classes",
            "generate-test-sources",
            "process-test-sources",
            "generate-test-resources",
            "process-test-resources",
            "test-compile",
            "process-test-classes",
            "test",
            "prepare-package",
            "package",
            "pre-integration-test",
            "integration-test",
            "post-integration-test",
            "verify",
            "install",
            "deploy");

    /** Phases that Maven 4 renamed, with their names in Maven 3. */
    private static final Map<String, String> OF_MAVEN_4 = Map.of(
            "before:integration-test", "pre-integration-test",
            "after:integration-test", "post-integration-test");

    /** A goal bound to a phase. */
    private record Bound(String goal, String id, int phase) {}

    /** One or two sentences for each goal that has already run when {@code start} runs. */
    List<String> beforeStart(Collection<Tool> tools) {
        MavenProject project = session.getCurrentProject();
        int own = phase(execution.getLifecyclePhase());
        List<String> problems = new ArrayList<>();
        if (project == null || own < 0) {
            return problems;
        }
        List<String> order =
                project.getBuildPlugins().stream().map(Plugin::getKey).toList();
        int ownPlace = order.indexOf(execution.getPlugin().getKey());
        for (Tool tool : tools) {
            for (Plugin plugin : plugins(project, tool)) {
                boolean first = order.indexOf(plugin.getKey()) < ownPlace;
                bound(plugin, tool)
                        .filter(each -> each.phase() < own || each.phase() == own && first)
                        .map(each -> plugin.getArtifactId() + " runs " + each.goal() + " in the phase "
                                + PHASES.get(each.phase()) + " (execution '" + each.id() + "'), before start in "
                                + PHASES.get(own)
                                + (each.phase() == own ? ", because it comes first in the POM" : "")
                                + ": it has worked on the database that its own configuration names. Bind it to "
                                + PHASES.get(own) + ", and put it after pgbackup-maven-plugin in the POM.")
                        .forEach(problems::add);
            }
        }
        return problems;
    }

    /**
     * A sentence for each tool that only other projects of the build use: they do not see the properties of this
     * project.
     */
    List<String> elsewhere(Collection<Tool> tools) {
        MavenProject project = session.getCurrentProject();
        List<String> warnings = new ArrayList<>();
        for (Tool tool : tools) {
            if (project == null || has(project, tool)) {
                continue;
            }
            List<String> others = session.getProjects().stream()
                    .filter(other -> has(other, tool))
                    .map(MavenProject::getArtifactId)
                    .toList();
            if (!others.isEmpty()) {
                warnings.add(tool.plugin() + " is in " + String.join(", ", others) + " and not in "
                        + project.getArtifactId() + ", where start runs: nothing is handed over to it there. Bind start"
                        + " and stop in the project that migrates.");
            }
        }
        return warnings;
    }

    private static boolean has(MavenProject project, Tool tool) {
        return plugins(project, tool).stream()
                .anyMatch(plugin -> bound(plugin, tool).findAny().isPresent());
    }

    private static List<Plugin> plugins(MavenProject project, Tool tool) {
        return project.getBuildPlugins().stream()
                .filter(plugin -> plugin.getArtifactId().equals(tool.plugin()))
                .toList();
    }

    private static Stream<Bound> bound(Plugin plugin, Tool tool) {
        return plugin.getExecutions().stream()
                .flatMap(each -> each.getGoals().stream()
                        .filter(tool::changes)
                        .map(goal -> new Bound(goal, each.getId(), phase(each, tool))))
                .filter(each -> each.phase() >= 0);
    }

    private static int phase(PluginExecution execution, Tool tool) {
        return phase(
                Optional.ofNullable(execution.getPhase()).or(tool::defaultPhase).orElse("none"));
    }

    /** Index of a phase; -1 for a phase of another lifecycle, or for none. */
    private static int phase(@Nullable String name) {
        return name == null ? -1 : PHASES.indexOf(Objects.requireNonNull(OF_MAVEN_4.getOrDefault(name, name)));
    }
}
