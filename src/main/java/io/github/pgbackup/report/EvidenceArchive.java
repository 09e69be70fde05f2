package io.github.pgbackup.report;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.Remedy;
import io.github.pgbackup.evidence.EvidenceFile;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeSet;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * The evidence as one file to keep with a release. It leaves out archive and roles, so it contains no row of a table.
 */
public final class EvidenceArchive {

    /**
     * The first time that every program accepts. With the times of the files, the same evidence would make different
     * archives.
     */
    private static final LocalDateTime TIME = LocalDateTime.of(1980, 2, 1, 0, 0);

    private EvidenceArchive() {}

    /**
     * Writes complete evidence as a zip archive. The same evidence makes the same bytes.
     *
     * @param folder that a run of {@code verify-backup} has written
     * @throws CannotVerifyException if there is no evidence, or it is not as the run wrote it
     */
    public static void write(Path folder, Path zip) {
        try {
            TreeSet<String> names = new TreeSet<>(whole(folder).keySet());
            names.removeIf(name -> name.startsWith(Checksums.DUMP));
            names.add(EvidenceFile.CHECKSUMS.toString());
            if (Files.exists(EvidenceFile.SIGNATURE.in(folder))) {
                names.add(EvidenceFile.SIGNATURE.toString());
            }
            Path directory = zip.toAbsolutePath().getParent();
            if (directory != null) {
                Files.createDirectories(directory);
            }
            try (OutputStream file = Files.newOutputStream(zip);
                    ZipOutputStream out = new ZipOutputStream(file)) {
                for (String name : names) {
                    ZipEntry entry = new ZipEntry(name);
                    entry.setTimeLocal(TIME);
                    out.putNextEntry(entry);
                    Files.copy(folder.resolve(name), out);
                    out.closeEntry();
                }
            }
        } catch (IOException e) {
            throw new CannotVerifyException(
                    "The evidence in " + folder + " could not be written to " + zip + ": "
                            + CannotVerifyException.reason(e) + ".",
                    Remedy.CHECK_THE_DISK,
                    e);
        }
    }

    private static SortedMap<String, String> whole(Path folder) throws IOException {
        for (EvidenceFile name : List.of(EvidenceFile.JSON, EvidenceFile.CHECKSUMS)) {
            if (!Files.isRegularFile(name.in(folder))) {
                throw new CannotVerifyException(
                        "There is no evidence to attach: " + name.in(folder) + " is missing.",
                        Remedy.BRING_THE_WHOLE_FOLDER);
            }
        }
        SortedMap<String, String> listed = Checksums.listed(folder);
        List<String> differences = Checksums.differences(folder, Checksums.there(folder, listed));
        if (!differences.isEmpty() || !listed.containsKey(EvidenceFile.JSON.toString())) {
            throw new CannotVerifyException(
                    "The evidence in " + folder + " is not as the run wrote it: "
                            + (differences.isEmpty()
                                    ? EvidenceFile.JSON + " is not listed in " + EvidenceFile.CHECKSUMS + "."
                                    : String.join(" ", differences)),
                    Remedy.BRING_THE_FOLDER_AS_IT_WAS);
        }
        return listed;
    }
}
