package io.github.pgbackup.evidence;

import io.github.pgbackup.manifest.Manifest;
import java.nio.file.Path;
import java.util.List;

/**
 * A backup that was taken and has not been restored.
 *
 * @param archive the path of the archive
 * @param files all files of the backup, including the archive
 * @param manifest what the source contained
 * @param facts the report of the run: its checks, its impact on production, warnings. Its verdict is about the run, not about
 *     the backup
 */
public record TakenBackup(Path archive, List<Path> files, Manifest manifest, VerificationReport facts) {

    public TakenBackup {
        files = List.copyOf(files);
    }
}
