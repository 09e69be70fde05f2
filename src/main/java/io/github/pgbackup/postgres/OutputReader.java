package io.github.pgbackup.postgres;

import java.io.IOException;
import java.io.InputStream;

/** Reads what a {@link Command} writes to its standard output. */
@FunctionalInterface
public interface OutputReader {

    /** Reads up to the end of the stream; what it leaves unread is discarded. */
    void read(InputStream standardOutput) throws IOException;
}
