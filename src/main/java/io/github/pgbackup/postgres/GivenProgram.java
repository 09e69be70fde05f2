package io.github.pgbackup.postgres;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.Remedy;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;

/** A program that the user names. */
public final class GivenProgram {

    private GivenProgram() {}

    /**
     * Finds a program.
     *
     * @param name a path, or the name of a program in {@code PATH}
     * @param variables the environment variables of this process
     * @throws CannotVerifyException if {@code PATH} has no program of that name
     */
    public static Path find(String name, Map<String, String> variables, Remedy remedy) {
        if (name.contains("/") || name.contains(File.separator)) {
            return Path.of(name).toAbsolutePath();
        }
        return Stream.of(variables.getOrDefault("PATH", "").split(File.pathSeparator, -1))
                .filter(entry -> !entry.isEmpty())
                .map(entry -> Path.of(entry).resolve(name).toAbsolutePath())
                .filter(path -> Files.isRegularFile(path) && Files.isExecutable(path))
                .findFirst()
                .orElseThrow(
                        () -> new CannotVerifyException("The command " + name + " was not found in PATH.", remedy));
    }
}
