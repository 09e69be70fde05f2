package io.github.pgbackup.archive;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.util.List;
import java.util.OptionalLong;

/**
 * Scans the script that {@code pg_restore --data-only} prints, in constant memory: a single value may be 1 GB long. All
 * server encodings keep ASCII bytes for ASCII characters, so bytes can be compared (manual, 24.3.1; COPY's text format:
 * manual, COPY, "Text Format").
 */
final class CopyScanner {

    /** Lines between the blocks of data are comments and SET commands; the rest of a longer line is ignored. */
    private static final int MAX_LINE = 1 << 20;

    /** What follows a value. */
    private enum Ending {
        FIELD,
        ROW,
        /** The script ends within the value. */
        CUT
    }

    private final InputStream in;
    private final byte[] buffer = new byte[1 << 17];
    private int at;
    private int end;

    CopyScanner(InputStream in) {
        this.in = in;
    }

    /**
     * Moves to the first byte after a command. A command may span several lines, because a name may contain a line
     * feed.
     *
     * @return false when the script ended before the command
     */
    boolean skipTo(String command, Charset charset) throws IOException {
        String[] lines = command.stripTrailing().split("\n", -1);
        int matched = 0;
        while (matched < lines.length) {
            if (!fill()) {
                return false;
            }
            String line = readLine(charset);
            if (line.equals(lines[matched])) {
                matched++;
            } else {
                matched = line.equals(lines[0]) ? 1 : 0;
            }
        }
        return true;
    }

    private String readLine(Charset charset) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        while (fill()) {
            int start = at;
            boolean found = skipPast((byte) '\n');
            int length = Math.min(at - start - (found ? 1 : 0), MAX_LINE - line.size());
            line.write(buffer, start, length);
            if (found) {
                break;
            }
        }
        return line.toString(charset);
    }

    /**
     * Reads rows up to the end of data.
     *
     * @param counters for each column of the data, in order, its counters
     * @return the number of rows; empty when the script ends before the data does
     */
    OptionalLong scanRows(List<List<ColumnCounter>> counters) throws IOException {
        int columns = counters.size();
        while (columns > 0 && counters.get(columns - 1).isEmpty()) {
            columns--;
        }
        long rows = 0;
        while (fill()) {
            if (buffer[at] == '\\' && isEndOfData()) {
                return OptionalLong.of(rows);
            }
            Ending ending = Ending.FIELD;
            for (int column = 0; column < columns && ending == Ending.FIELD; column++) {
                ending = scanField(counters.get(column));
            }
            if (ending == Ending.CUT || (ending == Ending.FIELD && !skipLine())) {
                break;
            }
            rows++;
        }
        return OptionalLong.empty();
    }

    /** COPY escapes a backslash in data, so a row never begins with a single backslash and a dot. */
    private boolean isEndOfData() throws IOException {
        if (at + 1 == end) {
            buffer[0] = buffer[at];
            int read = in.read(buffer, 1, buffer.length - 1);
            at = 0;
            end = 1 + Math.max(read, 0);
        }
        if (at + 1 < end && buffer[at + 1] == '.') {
            skipLine();
            return true;
        }
        return false;
    }

    private Ending scanField(List<ColumnCounter> counters) throws IOException {
        for (ColumnCounter counter : counters) {
            counter.beginField();
        }
        Ending ending = Ending.CUT;
        while (ending == Ending.CUT && fill()) {
            int start = at;
            while (at < end && buffer[at] != '\t' && buffer[at] != '\n') {
                at++;
            }
            for (ColumnCounter counter : counters) {
                counter.add(buffer, start, at);
            }
            if (at < end) {
                ending = buffer[at++] == '\t' ? Ending.FIELD : Ending.ROW;
            }
        }
        for (ColumnCounter counter : counters) {
            counter.endField();
        }
        return ending;
    }

    /** Returns false when the script ends within the line. */
    private boolean skipLine() throws IOException {
        while (fill()) {
            if (skipPast((byte) '\n')) {
                return true;
            }
        }
        return false;
    }

    /** Moves past the next such byte in the buffer, or to the end of the buffer; returns whether it found one. */
    private boolean skipPast(byte wanted) {
        while (at < end) {
            if (buffer[at++] == wanted) {
                return true;
            }
        }
        return false;
    }

    private boolean fill() throws IOException {
        while (at == end) {
            int read = in.read(buffer);
            if (read < 0) {
                return false;
            }
            at = 0;
            end = read;
        }
        return true;
    }
}
