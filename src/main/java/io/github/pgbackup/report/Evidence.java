package io.github.pgbackup.report;

import io.github.pgbackup.Sha256;
import io.github.pgbackup.evidence.EvidenceFile;
import io.github.pgbackup.evidence.EvidenceFolder;
import io.github.pgbackup.evidence.Verdict;
import io.github.pgbackup.evidence.VerificationReport;
import io.github.pgbackup.signature.SigningKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Writes a finished report into its folder. */
public final class Evidence {

    private Evidence() {}

    /**
     * Writes every rendering of the report, and finally the checksums of all files in the folder.
     *
     * @param folder the evidence folder, with the files that the run itself has written
     * @throws IOException if a file cannot be written; then no file is left that says PASS
     */
    public static void write(VerificationReport report, Path folder) throws IOException {
        write(report, folder, null, Sha256::of);
    }

    static void write(VerificationReport report, Path folder, SigningKey key) throws IOException {
        write(report, folder, key, Sha256::of);
    }

    /**
     * Writes the same, and a signature of all of it. {@code NOT_VERIFIED} is not signed, because there is no result.
     *
     * @param key signs the evidence; null: it is not signed
     */
    public static void write(VerificationReport report, EvidenceFolder folder, @Nullable SigningKey key)
            throws IOException {
        write(report, folder.root(), key, folder::sha256);
    }

    private static void write(VerificationReport report, Path folder, @Nullable SigningKey key, Checksums.Hash hash)
            throws IOException {
        try {
            for (Rendering rendering : Rendering.ALL) {
                Optional<String> text = rendering.text().of(report, folder);
                if (text.isPresent()) {
                    Files.writeString(rendering.file().in(folder), text.get());
                }
            }
            Files.writeString(EvidenceFile.CHECKSUMS.in(folder), Checksums.of(folder, hash));
            if (key != null) {
                sign(report, folder, key);
            }
        } catch (IOException e) {
            if (report.verdict() == Verdict.PASS) {
                Rendering.ALL.forEach(rendering -> delete(rendering.file().in(folder), e));
                delete(EvidenceFile.SIGNATURE.in(folder), e);
            }
            throw e;
        }
    }

    private static void delete(Path file, IOException reason) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            reason.addSuppressed(e);
        }
    }

    private static void sign(VerificationReport report, Path folder, SigningKey key) throws IOException {
        Optional<String> envelope = SignedResult.sign(report, Sha256.of(EvidenceFile.CHECKSUMS.in(folder)), key);
        if (envelope.isPresent()) {
            Files.writeString(EvidenceFile.SIGNATURE.in(folder), envelope.get());
        }
    }
}
