package io.github.pgbackup.plan;

import java.nio.file.Path;
import java.util.List;

/**
 * Which backup to take.
 *
 * @param run the source, and how to dump and query it; nothing in it concerns a restore
 * @param directory where to keep the backup
 * @param command the user's own dump program and its arguments; empty for pg_dump
 */
public record BackupPlan(VerificationPlan run, Path directory, List<String> command) {

    public BackupPlan {
        command = List.copyOf(command);
    }
}
