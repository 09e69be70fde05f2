package io.github.pgbackup.evidence;

import io.github.pgbackup.manifest.Manifest;
import java.nio.file.Path;
import java.util.List;

/**
 * A backup that was taken and that nobody has restored.
 *
 * @param archive where it is
 * @param files all that belong to it, the archive among them
 * @param manifest what the source held
 * @param facts what is known of the run: its checks, what production saw of it, warnings. Its verdict is about the run, and
 *     no verdict about the backup
 */
public record TakenBackup(Path archive, List<Path> files, Manifest manifest, VerificationReport facts) {

    public TakenBackup {
        files = List.copyOf(files);
    }
}
