package io.github.pgbackup.test;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** This JVM and the tests' class path, copied to where other users or containers can read them. */
public final class Jvm {

    private static final Path HOME = Path.of(System.getProperty("java.home"));

    private Jvm() {}

    /** Arguments of tar: the class path, which is {@link #classPath} afterwards. */
    private static List<String> classes() {
        List<String> files = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            Path path = Path.of(entry).toAbsolutePath();
            if (Files.isDirectory(path)) {
                files.addAll(List.of("--directory=" + path, "."));
            } else if (Files.exists(path)) {
                files.addAll(List.of("--directory=" + path.getParent(), "" + path.getFileName()));
            }
        }
        return files;
    }

    /** Copies the class path to a directory. */
    public static void copyClassPath(Path directory) throws IOException, InterruptedException {
        copy(classes(), "tar", "--extract", "--directory=" + directory);
    }

    /** Copies the JVM and the class path to a directory of a container. */
    public static void copy(String container, String directory) throws IOException, InterruptedException {
        List<String> files = new ArrayList<>(List.of("--directory=" + HOME.getParent(), "" + HOME.getFileName()));
        files.addAll(classes());
        copy(files, "docker", "cp", "-", container + ":" + directory);
    }

    private static void copy(List<String> files, String... reader) throws IOException, InterruptedException {
        List<String> tar = new ArrayList<>(List.of(
                "tar",
                "--create",
                "--dereference", // Debian's JDK has its configuration in /etc
                "--mode=a+rX",
                "--exclude=jmods",
                "--exclude=src.zip"));
        tar.addAll(files);
        for (Process process : ProcessBuilder.startPipeline(Stream.of(tar, List.of(reader))
                .map(command -> new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT))
                .toList())) {
            if (process.waitFor() != 0) {
                throw new IllegalStateException(String.join(" ", tar) + " | " + String.join(" ", reader));
            }
        }
    }

    /** The class path after it was copied to this directory. */
    public static String classPath(String directory) {
        return directory + ":" + directory + "/*";
    }

    /** The program {@code java} after the JVM was copied to this directory. */
    public static String java(String directory) {
        return directory + "/" + HOME.getFileName() + "/bin/java";
    }
}
