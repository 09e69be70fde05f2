package io.github.pgbackup.rehearsal;

import java.util.Arrays;
import java.util.Optional;

/** The modes of a lock on a table, the weakest first (manual, 13.3.1 "Table-Level Locks"). */
public enum LockMode {
    ACCESS_SHARE("AccessShareLock", Blocks.SCHEMA_CHANGES),
    ROW_SHARE("RowShareLock", Blocks.SCHEMA_CHANGES),
    ROW_EXCLUSIVE("RowExclusiveLock", Blocks.SCHEMA_CHANGES),
    SHARE_UPDATE_EXCLUSIVE("ShareUpdateExclusiveLock", Blocks.SCHEMA_CHANGES),
    SHARE("ShareLock", Blocks.WRITES),
    SHARE_ROW_EXCLUSIVE("ShareRowExclusiveLock", Blocks.WRITES),
    EXCLUSIVE("ExclusiveLock", Blocks.WRITES),
    ACCESS_EXCLUSIVE("AccessExclusiveLock", Blocks.READS_AND_WRITES);

    /** What other sessions cannot do to a table while it is locked, in words for the person who decides. */
    public enum Blocks {
        SCHEMA_CHANGES("blocks schema changes only"),
        WRITES("blocks writes"),
        READS_AND_WRITES("blocks reads and writes");

        private final String words;

        Blocks(String words) {
            this.words = words;
        }

        @Override
        public String toString() {
            return words;
        }
    }

    private final String inCatalog;
    private final Blocks blocks;

    LockMode(String inCatalog, Blocks blocks) {
        this.inCatalog = inCatalog;
        this.blocks = blocks;
    }

    /** The mode with that name in pg_locks; empty if no table can be locked in it. */
    static Optional<LockMode> ofCatalog(String name) {
        return Arrays.stream(values())
                .filter(mode -> mode.inCatalog.equals(name))
                .findFirst();
    }

    public Blocks blocks() {
        return blocks;
    }

    /** Whether no other session can write to the table while it is locked. */
    public boolean blocksWrites() {
        return blocks != Blocks.SCHEMA_CHANGES;
    }

    /** Returns the mode in the words of SQL. */
    @Override
    public String toString() {
        return name().replace('_', ' ');
    }
}
