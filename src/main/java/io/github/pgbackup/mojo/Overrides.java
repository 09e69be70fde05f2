package io.github.pgbackup.mojo;

import io.github.pgbackup.handover.RestoredConnection;
import io.github.pgbackup.handover.Tool;
import java.io.IOException;
import java.io.Reader;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;

/**
 * Settings that would override the handed-over properties and lead a tool to the database that it usually works on.
 * Messages never quote the values, because they can contain passwords.
 *
 * @param environment the environment variables of this process
 * @param commandLine properties of the command line and of the JVM, which override those of a project
 * @param project properties of the project
 * @param plugins configurations of the tools' plugins, by artifact ID
 * @param baseDirectory the directory to which file names are relative
 */
public record Overrides(
        Map<String, String> environment,
        Map<String, String> commandLine,
        Map<String, String> project,
        Map<String, List<Map<String, List<String>>>> plugins,
        Path baseDirectory) {

    private static final String TAG = "<rehearsal><handOver> (-Dpgbackup.rehearsal.handOver)";

    /** One or two sentences for each setting; empty if the tools will use the restored database. */
    public List<String> problems(Collection<Tool> tools) {
        Set<String> problems = new TreeSet<>();
        for (String name : commandLine.keySet()) {
            if (name.startsWith(RestoredConnection.PREFIX)) {
                problems.add("-D" + name + " is given, and would override what start hands over. Leave it out.");
            }
        }
        for (Tool tool : tools) {
            environment.keySet().stream()
                    .filter(tool::isDecisive)
                    .forEach(name -> problems.add("The environment variable " + name + " is set, which " + tool
                            + " prefers to what " + TAG + " hands over: it could migrate another database. Unset it"
                            + " for this build."));
            commandLine.keySet().stream()
                    .filter(tool::isDecisive)
                    .forEach(name -> problems.add("The property " + name + " is given to Maven (-D" + name + "), and "
                            + tool + " prefers it to what " + TAG + " hands over: it could migrate another"
                            + " database. Leave it out; a property of the POM (<properties>) can stay."));
            for (Map<String, List<String>> configuration : plugins.getOrDefault(tool.plugin(), List.of())) {
                configuration.forEach((tag, values) -> {
                    if (tool.isDecisiveTag(tag) && !values.stream().allMatch(tool::isHandedOver)) {
                        problems.add("<" + tag + "> is in the <configuration> of " + tool.plugin() + ", which " + tool
                                + " prefers to what " + TAG + " hands over: it could migrate another database. Move"
                                + " it to the POM's <properties>, as <" + tool.property(tag) + ">.");
                    }
                });
            }
            problems.addAll(inFiles(tool));
        }
        return List.copyOf(problems);
    }

    private List<String> inFiles(Tool tool) {
        List<String> problems = new ArrayList<>();
        Set<String> files = new TreeSet<>();
        for (Map<String, String> properties : List.of(environment, commandLine, project)) {
            properties.forEach((name, value) -> {
                if (tool.namesFiles(name)) {
                    files.addAll(List.of(value.split(",", -1)));
                }
            });
        }
        for (Map<String, List<String>> configuration : plugins.getOrDefault(tool.plugin(), List.of())) {
            configuration.forEach((tag, values) -> {
                if (tool.namesFiles(tag)) {
                    files.addAll(values);
                }
            });
        }
        for (String file : files) {
            Set<String> decisive = new TreeSet<>();
            keys(file.trim()).stream().filter(tool::isDecisiveInFile).forEach(decisive::add);
            if (!decisive.isEmpty()) {
                problems.add("The configuration file " + file.trim() + " of " + tool + " has "
                        + String.join(", ", decisive) + ", which " + tool + " prefers to what " + TAG
                        + " hands over: it could migrate another database. Move that to the POM's <properties>, or"
                        + " leave the file out of this build.");
            }
        }
        return problems;
    }

    /** The keys in a properties or TOML file; empty if the file does not exist, which the tool itself reports. */
    private Set<String> keys(String file) {
        if (file.equals("-")) {
            return Set.of("url"); // standard input, which cannot be read in advance
        }
        Set<String> keys = new TreeSet<>();
        try {
            for (String line : Files.readString(baseDirectory.resolve(file), StandardCharsets.ISO_8859_1)
                    .split("\\R", -1)) {
                Properties one = new Properties();
                try (Reader reader =
                        new StringReader(line.strip().replaceFirst("^\\[+", "").replace("\\", "\\\\"))) {
                    one.load(reader);
                }
                keys.addAll(one.stringPropertyNames());
            }
        } catch (IOException | InvalidPathException e) {
            return Set.of();
        }
        return keys;
    }
}
