package io.github.pgbackup.plan;

import java.util.List;
import java.util.stream.Collectors;

/**
 * Where an archive comes from.
 *
 * @param files each a file or folder, or a pattern for either; several make one backup together; none when programs write the
 *     archive
 * @param programs each with its arguments: the first one writes the archive to its standard output, each other one reads what
 *     the one before it wrote; empty when it is a file
 */
public record ArchiveOrigin(List<String> files, List<List<String>> programs) {

    public ArchiveOrigin {
        files = List.copyOf(files);
        programs = programs.stream().map(List::copyOf).toList();
    }

    /** The programs without their arguments, which may hold secrets: {@code restic | age}. */
    public String names() {
        return programs.stream().map(program -> program.get(0)).collect(Collectors.joining(" | "));
    }
}
