package io.github.pgbackup.test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Archives as a user's own script would create them: with pg_dump and programs that compress. */
public final class Archives {

    private final Path bin;
    private final ProductionServer production;

    /**
     * Archives of a server's databases.
     *
     * @param bin directory of pg_dump
     */
    public Archives(Path bin, ProductionServer production) {
        this.bin = bin;
        this.production = production;
    }

    /** Dumps a database to a file or directory. */
    public Path dump(String database, Path target, String... options) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(bin.resolve("pg_dump").toString(), "--file=" + target));
        command.addAll(List.of(options));
        command.add(database);
        run(command);
        return target;
    }

    /** Writes the roles of the server, with {@code pg_dumpall --globals-only}. */
    public Path globals(Path target) throws IOException, InterruptedException {
        run(List.of(bin.resolve("pg_dumpall").toString(), "--globals-only", "--file=" + target));
        return target;
    }

    /** Writes the whole server, with {@code pg_dumpall}. */
    public Path all(Path target) throws IOException, InterruptedException {
        run(List.of(bin.resolve("pg_dumpall").toString(), "--file=" + target));
        return target;
    }

    /** Compresses a file with the program and its options, as a pipe in a script would. */
    public static Path pack(Path file, String suffix, String... program) throws IOException, InterruptedException {
        Path packed = file.resolveSibling(file.getFileName() + suffix);
        ProcessBuilder builder =
                new ProcessBuilder(program).redirectInput(file.toFile()).redirectOutput(packed.toFile());
        require(builder.start().waitFor(), List.of(program));
        return packed;
    }

    /** Whether the program finds the file intact, with exactly this content. */
    public static boolean unpacksTo(Path packed, Path content, String program)
            throws IOException, InterruptedException {
        Process process = new ProcessBuilder(program, "-dc", packed.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        byte[] unpacked = process.getInputStream().readAllBytes();
        return process.waitFor() == 0 && Arrays.equals(unpacked, Files.readAllBytes(content));
    }

    /** Packs a directory with tar. */
    public static Path tar(Path directory) throws IOException, InterruptedException {
        Path tar = directory.resolveSibling(directory.getFileName() + ".tar");
        List<String> command = List.of(
                "tar", "-C", directory.getParent().toString(), "-cf", tar.toString(), "" + directory.getFileName());
        require(new ProcessBuilder(command).start().waitFor(), command);
        return tar;
    }

    private void run(List<String> command) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().keySet().removeIf(name -> name.startsWith("PG"));
        builder.environment().put("PGHOST", production.host());
        builder.environment().put("PGPORT", "" + production.port());
        builder.environment().put("PGUSER", production.superuser());
        builder.environment().put("PGPASSWORD", production.password());
        Path errors = Files.createTempFile("archive", ".log");
        try {
            int status = builder.redirectError(errors.toFile()).start().waitFor();
            if (status != 0) {
                throw new IOException(command + ": " + Files.readString(errors));
            }
        } finally {
            Files.delete(errors);
        }
    }

    private static void require(int status, List<String> command) throws IOException {
        if (status != 0) {
            throw new IOException(command + " ended with " + status);
        }
    }
}
