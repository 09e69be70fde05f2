package io.github.pgbackup.backup.stored;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.Remedy;
import io.github.pgbackup.plan.ArchiveOrigin;
import io.github.pgbackup.postgres.OwnerOnly;
import io.github.pgbackup.stage.Run;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Has programs of the user's write the archive, each reading what the one before it wrote, without a shell: a pipe of a shell
 * would hide how all but the last one ended.
 */
record ArchiveCommand(ArchiveOrigin origin) {

    private static final File NOTHING = new File("/dev/null");

    /**
     * Runs them to their end. What each says on its standard error is kept in a log.
     *
     * @return the file that they wrote, which is deleted when the run ends
     * @throws CannotVerifyException when one of them cannot be started or ends with another status than 0, or nothing is written
     * @throws InterruptedException when the run is interrupted; they have been ended then
     */
    ArchiveFinder.Found run(Run run) throws IOException, InterruptedException {
        Path file = run.folder().fetched();
        List<Process> processes = start(run);
        // A program that has ended lets the one before it fail; when the run is interrupted, all of them are ended.
        Runnable end = () -> processes.forEach(process -> {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        });
        run.interruption().onInterrupt(end);
        try (InputStream archive = processes.get(processes.size() - 1).getInputStream();
                OutputStream out = Channels.newOutputStream(OwnerOnly.append(file))) {
            archive.transferTo(out);
            for (Process process : processes) {
                process.waitFor();
            }
        } finally {
            end.run();
        }
        if (run.interruption().reason() != null) {
            throw new InterruptedException();
        }
        List<String> failed = new ArrayList<>();
        for (int i = 0; i < processes.size(); i++) {
            int status = processes.get(i).exitValue();
            if (status != 0) {
                failed.add(origin.programs().get(i).get(0) + " ended with the exit status " + status);
            }
        }
        if (!failed.isEmpty()) {
            throw new CannotVerifyException(
                    "No archive was written: " + String.join(", ", failed) + "; expected 0.",
                    Remedy.READ_THE_LOGS_OF_THE_ARCHIVES_COMMAND);
        }
        if (Files.size(file) == 0) {
            throw new CannotVerifyException(
                    "No archive was written: " + origin.names() + " ended with the exit status 0 and wrote nothing to"
                            + " standard output.",
                    Remedy.READ_THE_LOGS_OF_THE_ARCHIVES_COMMAND);
        }
        return new ArchiveFinder.Found(file, "written by " + origin.names());
    }

    private List<Process> start(Run run) throws IOException {
        List<ProcessBuilder> builders = new ArrayList<>();
        for (List<String> program : origin.programs()) {
            Path log = run.folder().log("archive-command-" + (builders.size() + 1));
            OwnerOnly.append(log).close();
            builders.add(new ProcessBuilder(program).redirectError(ProcessBuilder.Redirect.appendTo(log.toFile())));
        }
        builders.get(0).redirectInput(NOTHING);
        try {
            return ProcessBuilder.startPipeline(builders);
        } catch (IOException e) {
            throw new CannotVerifyException(
                    "No archive was written: " + CannotVerifyException.reason(e) + ".",
                    Remedy.NAME_A_PROGRAM_THAT_WRITES_THE_ARCHIVE,
                    e);
        }
    }
}
