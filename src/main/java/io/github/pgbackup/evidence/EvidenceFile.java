package io.github.pgbackup.evidence;

import io.github.pgbackup.handover.ConnectionFile;
import java.nio.file.Path;

/** The files and folders of files that a run may leave as evidence; no other list of them exists. */
public enum EvidenceFile {
    SUMMARY("SUMMARY.txt", Kind.RENDERING),
    JSON("verification.json", Kind.RENDERING),
    TEST_REPORT("TEST-verify-backup.xml", Kind.RENDERING),
    PAGE("index.html", Kind.RENDERING),
    PROBE_BEFORE("probe/before.json", Kind.RENDERING),
    PROBE_AFTER("probe/after.json", Kind.RENDERING),
    EXPECTATION_TEST("expectation-test.json", Kind.RENDERING),
    MISSING_EXPECTATIONS("missing-expectations.xml", Kind.RENDERING),
    REHEARSAL("rehearsal.json", Kind.RENDERING),
    REHEARSAL_FOR_A_MERGE_REQUEST("rehearsal.md", Kind.RENDERING),
    /** Written by the goal {@code take-backup}. */
    BACKUP("BACKUP.txt", Kind.WRITTEN_BY_THE_RUN),
    /** The archive, its manifest and the roles: everything that contains rows. */
    DUMP("dump", Kind.WRITTEN_BY_THE_RUN),
    SCHEMA("schema", Kind.WRITTEN_BY_THE_RUN),
    /** The script of that folder as a page; it is as private as the script. */
    SCHEMA_PAGE("schema/index.html", Kind.RENDERING),
    LOGS("logs", Kind.WRITTEN_BY_THE_RUN),
    UNPACKED("unpacked", Kind.WRITTEN_BY_THE_RUN),
    /** The hash of every other file except the signature. */
    CHECKSUMS("SHA256SUMS", Kind.NOT_HASHED),
    /** The signature of the list of hashes. */
    SIGNATURE("verification.intoto.jsonl", Kind.NOT_HASHED),
    /** Exists only while a restored database is handed over. */
    CONNECTION(ConnectionFile.NAME, Kind.NOT_HASHED);

    /** Who writes a file. */
    public enum Kind {
        /** Rendered from the finished report. */
        RENDERING,
        WRITTEN_BY_THE_RUN,
        /** Not part of the list of hashes. */
        NOT_HASHED
    }

    private final String path;
    private final Kind kind;

    EvidenceFile(String path, Kind kind) {
        this.path = path;
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }

    /** The file in a folder of evidence. */
    public Path in(Path folder) {
        return folder.resolve(path);
    }

    /** The entry in the folder itself: the file, or the subfolder that contains it. */
    String topmost() {
        return path.replaceFirst("/.*", "");
    }

    /** Its path in the folder, with slashes. */
    @Override
    public String toString() {
        return path;
    }
}
