package io.github.pgbackup.plan;

import java.util.List;
import java.util.stream.Collectors;

/**
 * Where an archive comes from.
 *
 * @param files each a file or folder, or a pattern for either; several make up one backup; empty when programs write
 *     the archive
 * @param programs each with its arguments: the first writes the archive to standard output, and each other one reads
 *     the output of the one before; empty when the archive is a file
 */
public record ArchiveOrigin(List<String> files, List<List<String>> programs) {

    public ArchiveOrigin {
        files = List.copyOf(files);
        programs = programs.stream().map(List::copyOf).toList();
    }

    /** The programs without their arguments, which may contain secrets: {@code restic | age}. */
    public String names() {
        return programs.stream().map(program -> program.get(0)).collect(Collectors.joining(" | "));
    }
}
