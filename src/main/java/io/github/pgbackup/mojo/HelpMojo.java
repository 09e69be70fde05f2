package io.github.pgbackup.mojo;

import io.github.pgbackup.plan.KnownTag;
import io.github.pgbackup.plan.Tags;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.maven.plugin.AbstractMojo;
import org.apache.maven.plugin.MojoExecution;
import org.apache.maven.plugin.MojoFailureException;
import org.apache.maven.plugin.descriptor.MojoDescriptor;
import org.apache.maven.plugin.descriptor.Parameter;
import org.apache.maven.plugin.descriptor.PluginDescriptor;
import org.apache.maven.plugins.annotations.Mojo;
import org.jspecify.annotations.Nullable;

/**
 * Lists the goals of this plugin. With {@code -Ddetail}, it also lists every tag of each goal with its type, default,
 * property and an example.
 *
 * <p>The help goal that Maven's own tools generate would list only parameters, but most tags of this plugin are nested
 * in a parameter.
 */
@Mojo(name = "help", requiresProject = false, threadSafe = true)
public final class HelpMojo extends AbstractMojo {

    private static final int WIDTH = 80;
    private static final String INDENT = "  ";

    /** Whether to list every tag. */
    @org.apache.maven.plugins.annotations.Parameter(property = "detail", defaultValue = "false")
    private boolean detail;

    /** The goal to describe; all goals by default. */
    @org.apache.maven.plugins.annotations.Parameter(property = "goal")
    private @Nullable String goal;

    @org.apache.maven.plugins.annotations.Parameter(defaultValue = "${mojoExecution}", readonly = true, required = true)
    private MojoExecution execution;

    @Override
    public void execute() throws MojoFailureException {
        PluginDescriptor plugin = execution.getMojoDescriptor().getPluginDescriptor();
        List<MojoDescriptor> goals = plugin.getMojos().stream()
                .filter(mojo -> goal == null || mojo.getGoal().equals(goal))
                .sorted(Comparator.comparing(MojoDescriptor::getGoal))
                .toList();
        if (goals.isEmpty()) {
            throw new MojoFailureException("There is no goal '" + goal + "'. The goals are "
                    + plugin.getMojos().stream()
                            .map(MojoDescriptor::getGoal)
                            .sorted()
                            .collect(Collectors.joining(", "))
                    + ".");
        }
        List<String> lines = new ArrayList<>(
                List.of("pgbackup-maven-plugin " + plugin.getVersion(), "", plain(plugin.getDescription())));
        for (MojoDescriptor each : goals) {
            lines.addAll(List.of("", plugin.getGoalPrefix() + ":" + each.getGoal()));
            add(lines, INDENT, plain(each.getDescription()));
            if (detail) {
                parameters(each).forEach(line -> lines.add(INDENT + line));
            }
        }
        if (!detail) {
            lines.addAll(List.of("", "Every tag of a goal: mvn pgbackup:help -Ddetail -Dgoal=verify-backup"));
        }
        getLog().info(String.join("\n", lines));
    }

    private static List<String> parameters(MojoDescriptor mojo) {
        Map<String, KnownTag> known =
                Tags.of(mojo.getGoal()).stream().collect(Collectors.toMap(KnownTag::name, Function.identity()));
        List<String> lines = new ArrayList<>();
        for (Parameter parameter : editable(mojo)) {
            KnownTag tag = known.get(parameter.getName());
            String defaultValue = parameter.getDefaultValue();
            if (tag == null) {
                lines.addAll(List.of("", parameter.getName()));
            } else {
                lines.add("");
                lines.add(headline(tag, defaultValue == null ? "" : defaultValue));
            }
            add(lines, INDENT, plain(parameter.getDescription()));
            if (tag != null) {
                tag.children().forEach(child -> describe(lines, INDENT, child));
                lines.add(INDENT + "Example:");
                tag.xml().forEach(line -> lines.add(INDENT + INDENT + line));
            }
        }
        return lines;
    }

    private static List<Parameter> editable(MojoDescriptor mojo) {
        return mojo.getParameters().stream()
                .filter(Parameter::isEditable)
                .sorted(Comparator.comparing(Parameter::getName))
                .toList();
    }

    private static void describe(List<String> lines, String indent, KnownTag tag) {
        lines.add(indent + headline(tag, tag.defaultValue()));
        add(lines, indent + INDENT, tag.description());
        tag.children().forEach(child -> describe(lines, indent + INDENT, child));
    }

    private static String headline(KnownTag tag, String defaultValue) {
        return tag.path() + " (" + tag.typeText()
                + (tag.required() ? "; required" : "")
                + (defaultValue.isEmpty() ? "" : "; default: " + defaultValue)
                + (tag.property() == null ? "" : "; -D" + tag.property())
                + "; since " + tag.since() + ")";
    }

    /** Adds a text, wrapped to the width of a terminal. */
    private static void add(List<String> lines, String indent, String text) {
        StringBuilder line = new StringBuilder(indent);
        for (String word : text.split("\\s+", -1)) {
            if (line.length() > indent.length() && line.length() + 1 + word.length() > WIDTH) {
                lines.add(line.toString());
                line = new StringBuilder(indent);
            }
            line.append(line.length() == indent.length() ? "" : " ").append(word);
        }
        lines.add(line.toString());
    }

    /** A description from the descriptor, which holds plain text, with tags such as {@code <expectations>}. */
    private static String plain(@Nullable String description) {
        return description == null ? "" : description.strip();
    }
}
