package io.github.pgbackup.report;

import io.github.pgbackup.Remedy;
import io.github.pgbackup.Sha256;
import io.github.pgbackup.evidence.EvidenceFile;
import io.github.pgbackup.signature.Envelope;
import io.github.pgbackup.signature.TrustedKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Checks that a trusted key has signed the evidence in a folder. The signature covers the list of all files,
 * {@code SHA256SUMS}, and the list covers the rest. What neither covers is not proved.
 *
 * @param keys trusted keys; one of them must have signed
 * @param finding receives each problem
 */
record SignatureCheck(List<TrustedKey> keys, Path folder, Finding finding) {

    /** Maximum number of bytes of an envelope to read: enough for the titles of a million checks. */
    private static final long LONGEST = 300_000_000;

    /** Receives a problem: the fact, and what to do about it. */
    interface Finding {
        void add(String fact, Remedy remedy);
    }

    /** What verification.json says; the signature must cover the same. */
    record Claimed(String startedAt, String archivePath, String archiveSha256, String demandsSha256) {}

    /**
     * Checks the signature.
     *
     * @return ID of the key that signed; empty if no trusted key did
     */
    String check(Claimed claimed) {
        Path file = EvidenceFile.SIGNATURE.in(folder);
        try {
            if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
                problem("The evidence is not signed: " + file + " is missing.", Remedy.HAVE_THE_EVIDENCE_SIGNED);
                return "";
            }
            if (Files.size(file) > LONGEST) {
                problem(
                        "The signature in " + file + " is too large: expected at most " + Wording.size(LONGEST)
                                + ", actual " + Wording.size(Files.size(file)) + ".",
                        Remedy.BRING_THE_WHOLE_FOLDER);
                return "";
            }
            return check(Envelope.parse(Files.readString(file, StandardCharsets.UTF_8)), claimed);
        } catch (IOException | IllegalArgumentException e) {
            problem(
                    "The signature in " + file + " cannot be read: " + e.getMessage() + ".",
                    Remedy.BRING_THE_WHOLE_FOLDER);
            return "";
        }
    }

    private String check(Envelope envelope, Claimed claimed) throws IOException {
        TrustedKey signer = envelope.signedBy(keys).orElse(null);
        if (signer == null) {
            unsigned(envelope);
            return "";
        }
        SignedResult signed = SignedResult.read(envelope);
        SignedResult.Evidenced evidence = signed.predicate().evidence();
        if (!evidence.startedAt().equals(claimed.startedAt())) {
            problem(
                    "The signature belongs to another run: it signs the run that began at "
                            + evidence.startedAt() + ", but the evidence here is about the run that began at "
                            + claimed.startedAt() + ".",
                    Remedy.BRING_THE_FOLDER_OF_ONE_RUN);
            return signer.id();
        }
        if (signer.end()
                .filter(end -> !Instant.parse(evidence.startedAt()).isBefore(end))
                .isPresent()) {
            problem(
                    "The key " + signer.id() + " is no longer trusted: it was trusted until "
                            + signer.end().get() + ", and it signed the evidence of a run that began at "
                            + evidence.startedAt() + ".",
                    Remedy.HAVE_THE_EVIDENCE_SIGNED_BY_A_NEWER_KEY);
        }
        Path list = EvidenceFile.CHECKSUMS.in(folder);
        String actual = Files.isRegularFile(list) ? Sha256.of(list) : "";
        if (!evidence.files().is(EvidenceFile.CHECKSUMS.toString(), actual)) {
            problem(
                    "The evidence was changed after it was signed: the signed list has the SHA-256 "
                            + evidence.files().sha256() + ", but " + EvidenceFile.CHECKSUMS + " has "
                            + (actual.isEmpty() ? "none" : actual) + ".",
                    Remedy.BRING_THE_FOLDER_AS_IT_WAS);
        }
        if (!signed.predicate().result().equals(SignedResult.PASSED)) {
            problem(
                    "The signed result is " + signed.predicate().result() + "; expected " + SignedResult.PASSED + ".",
                    Remedy.BRING_THE_FOLDER_AS_IT_WAS);
        }
        if (!signed.isAbout(claimed.archivePath(), claimed.archiveSha256())) {
            problem(
                    "The signature and the evidence are about different archives: expected " + claimed.archivePath()
                            + " with the SHA-256 " + claimed.archiveSha256() + ".",
                    Remedy.BRING_THE_FOLDER_AS_IT_WAS);
        }
        if (!signed.demands(claimed.demandsSha256())) {
            problem(
                    "The signature and the evidence are about different demands: expected " + claimed.demandsSha256()
                            + ".",
                    Remedy.BRING_THE_FOLDER_AS_IT_WAS);
        }
        return signer.id();
    }

    /**
     * Reports a missing or wrong signature. The key ID in the envelope is not verified; it only chooses the message.
     */
    private void unsigned(Envelope envelope) {
        List<String> trusted = keys.stream().map(TrustedKey::id).toList();
        String named = envelope.signatures().stream()
                .map(Envelope.Signed::keyid)
                .map(String::valueOf)
                .collect(Collectors.joining(", "));
        if (envelope.signatures().stream().anyMatch(each -> trusted.contains(each.keyid()))) {
            problem(
                    "The signature is not valid: " + EvidenceFile.SIGNATURE + ", which names the trusted key " + named
                            + ", was altered, or somebody else wrote it.",
                    Remedy.BRING_THE_FOLDER_AS_IT_WAS);
        } else {
            problem(
                    "The evidence is signed by a key that is not trusted: expected " + String.join(" or ", trusted)
                            + ", actual " + (named.isEmpty() ? "none" : named) + ".",
                    Remedy.TRUST_THE_KEY_THAT_SIGNED);
        }
    }

    private void problem(String fact, Remedy remedy) {
        finding.add(fact, remedy);
    }
}
