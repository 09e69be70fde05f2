package io.github.pgbackup.container;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.Remedy;
import io.github.pgbackup.postgres.ClientPrograms;
import io.github.pgbackup.postgres.Command;
import io.github.pgbackup.postgres.PostgresVersion;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** The client programs in a container. */
public final class ContainerClient implements ClientPrograms {

    private static final String DIRECTORY = "/tmp/pgbackup";

    private final Container container;
    private final String place;
    private final PostgresVersion version;
    private final Map<Path, String> copied = new HashMap<>();

    private ContainerClient(Container container, String place, PostgresVersion version) {
        this.container = container;
        this.place = place;
        this.version = version;
    }

    /**
     * Determines the version of the programs.
     *
     * @param place a name of the container for messages
     * @throws CannotVerifyException if it has no working {@code pg_dump}
     */
    public static ContainerClient of(Container container, String place) throws InterruptedException {
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        try {
            int status = container
                    .command("pg_dump")
                    .arguments("--version")
                    .timeLimit(Duration.ofSeconds(30))
                    .run(stdout -> stdout.transferTo(printed));
            if (status == 0) {
                return new ContainerClient(
                        container, place, PostgresVersion.parse(printed.toString(StandardCharsets.UTF_8)));
            }
            throw noPrograms(place, "pg_dump --version exited with status " + status);
        } catch (IOException | IllegalArgumentException e) {
            throw noPrograms(place, String.valueOf(e.getMessage()));
        }
    }

    private static CannotVerifyException noPrograms(String place, String why) {
        return new CannotVerifyException(
                "Cannot run PostgreSQL's programs in " + place + ": " + why + ".",
                Remedy.HAVE_THE_PROGRAMS_IN_THE_CONTAINER);
    }

    @Override
    public PostgresVersion version() {
        return version;
    }

    @Override
    public String place() {
        return place;
    }

    @Override
    public boolean onThisMachine() {
        return false;
    }

    @Override
    public Command command(String program) {
        return container.command(program);
    }

    @Override
    public synchronized String pathFor(Path file) throws IOException, InterruptedException {
        String there = copied.get(file);
        if (there == null) {
            String directory = DIRECTORY + "/" + copied.size();
            container.copy(file, directory);
            there = directory + "/" + file.getFileName();
            copied.put(file, there);
        }
        return there;
    }
}
