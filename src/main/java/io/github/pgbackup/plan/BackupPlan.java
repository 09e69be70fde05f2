package io.github.pgbackup.plan;

import java.nio.file.Path;
import java.util.List;

/**
 * What backup to take.
 *
 * @param run the source and how it is dumped and asked; nothing of it is about a restore
 * @param directory where the backup is kept
 * @param command the user's own dump program and its arguments; empty: pg_dump
 */
public record BackupPlan(VerificationPlan run, Path directory, List<String> command) {

    public BackupPlan {
        command = List.copyOf(command);
    }
}
