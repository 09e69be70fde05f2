package io.github.pgbackup.backup.stored;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.Remedy;
import io.github.pgbackup.plan.ArchiveOrigin;
import io.github.pgbackup.postgres.Command;
import io.github.pgbackup.postgres.GivenProgram;
import io.github.pgbackup.postgres.OwnerOnly;
import io.github.pgbackup.stage.Run;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Runs the user's programs that write the archive, each of which reads the output of the one before. A shell connects
 * them, so that they end together, and also when this JVM ends ({@link Command}). The shell gets their words as
 * parameters, never as text to interpret, and reports the exit status of each program.
 *
 * @param variables of this process
 */
record ArchiveCommand(ArchiveOrigin origin, Map<String, String> variables) {

    /** Discards the shell's own messages, for example that a program was killed. */
    private static final String STATUSES = "exec 3>&2 2>/dev/null\n";

    private static final Pattern STATUS = Pattern.compile("(\\d+) (\\d+)");

    /**
     * Runs the programs to their end, each with a log of its standard error.
     *
     * @return the file that they wrote, which is deleted when the run ends
     * @throws CannotVerifyException when one of them cannot be started or ends with another status than 0, or nothing is written
     * @throws InterruptedException when the run is interrupted; they have been ended then
     */
    ArchiveFinder.Found run(Run run) throws IOException, InterruptedException {
        Path file = run.folder().fetched();
        Map<Integer, Integer> statuses = new TreeMap<>();
        int ignored = pipeline(run)
                .onErrorLine(line -> {
                    Matcher status = STATUS.matcher(line);
                    if (status.matches()) {
                        statuses.put(Integer.valueOf(status.group(1)), Integer.valueOf(status.group(2)));
                    }
                })
                .run(archive -> {
                    try (OutputStream out = Channels.newOutputStream(OwnerOnly.append(file))) {
                        archive.transferTo(out);
                    }
                });
        if (run.interruption().reason() != null) {
            throw new InterruptedException();
        }
        List<String> failed = new ArrayList<>();
        for (int i = 1; i <= origin.programs().size(); i++) {
            Integer status = statuses.get(i);
            if (status == null || status != 0) {
                failed.add(origin.programs().get(i - 1).get(0)
                        + (status == null ? " ended without an exit status" : " exited with status " + status));
            }
        }
        if (!failed.isEmpty()) {
            throw new CannotVerifyException(
                    "No archive was written: " + String.join(", ", failed) + "; expected 0.",
                    Remedy.READ_THE_LOGS_OF_THE_ARCHIVES_COMMAND);
        }
        if (Files.size(file) == 0) {
            throw new CannotVerifyException(
                    "No archive was written: " + origin.names()
                            + " exited with status 0 but wrote nothing to standard output.",
                    Remedy.READ_THE_LOGS_OF_THE_ARCHIVES_COMMAND);
        }
        return new ArchiveFinder.Found(file, "written by " + origin.names());
    }

    /** Builds the script, in which {@code "${1}"} and so on are a program's log and words. */
    private Command pipeline(Run run) throws IOException {
        List<String> stages = new ArrayList<>();
        List<String> parameters = new ArrayList<>();
        for (List<String> program : origin.programs()) {
            int number = stages.size() + 1;
            Path log = run.folder().log("archive-command-" + number);
            OwnerOnly.append(log).close();
            parameters.add(log.toString());
            int itsLog = parameters.size();
            parameters.add(GivenProgram.find(program.get(0), variables, Remedy.NAME_A_PROGRAM_THAT_WRITES_THE_ARCHIVE)
                    .toString());
            parameters.addAll(program.subList(1, program.size()));
            String words = IntStream.rangeClosed(itsLog + 1, parameters.size())
                    .mapToObj(ArchiveCommand::parameter)
                    .collect(Collectors.joining(" "));
            stages.add("{ " + words + " 2>>" + parameter(itsLog) + " 3>&-; echo \"" + number + " $?\" >&3; }");
        }
        return Command.inWholeEnvironment(Path.of("/bin/sh"))
                .arguments("-c", STATUSES + String.join(" | ", stages), "pgbackup")
                .arguments(parameters);
    }

    private static String parameter(int number) {
        return "\"${" + number + "}\"";
    }
}
