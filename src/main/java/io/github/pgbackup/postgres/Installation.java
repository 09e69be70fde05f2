package io.github.pgbackup.postgres;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * PostgreSQL's programs in one directory: those of a client, those of a server, or both.
 *
 * @param bin the directory of the programs
 * @param version the version that {@code pg_dump --version} prints, or {@code postgres --version} if there is no client
 */
public record Installation(Path bin, PostgresVersion version) implements ClientPrograms {

    private static final String SUFFIX = File.separatorChar == '\\' ? ".exe" : "";

    /** The path of the program, which may or may not exist. */
    public Path program(String name) {
        return bin.resolve(name + SUFFIX);
    }

    @Override
    public Command command(String program) {
        return Command.of(program(program));
    }

    @Override
    public String pathFor(Path file) {
        return file.toString();
    }

    @Override
    public String place() {
        return bin.toString();
    }

    @Override
    public boolean onThisMachine() {
        return true;
    }

    /** Whether it has the programs to dump and restore a database. */
    public boolean hasClient() {
        return has("pg_dump") && has("pg_restore");
    }

    /** Whether it has the programs to create and start a server. */
    public boolean hasServer() {
        return has("initdb") && has("postgres");
    }

    private boolean has(String name) {
        Path program = program(name);
        return Files.isExecutable(program) && !Files.isDirectory(program);
    }

    /** For a list of installations: {@code 15.18 in /usr/lib/postgresql/15/bin (client and server)}. */
    @Override
    public String toString() {
        String parts = !hasServer() ? "client only" : !hasClient() ? "server only" : "client and server";
        return version + " in " + bin + " (" + parts + ")";
    }
}
