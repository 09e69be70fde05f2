package io.github.pgbackup.archive;

import java.nio.charset.Charset;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * Counts values of one column. It compares values in the form in which COPY escapes them. COPY has one way to escape a
 * value, so nothing has to be unescaped, and the longest requested value limits what must be kept of each field.
 */
final class ColumnCounter {

    private static final byte[] NULL = {'\\', 'N'};

    private final List<String> values;
    private final byte[][] escapedValues;
    private final long[] rowsOfValues;
    private final byte[] field;
    private final boolean distinct;
    private final HashSet64 hashes;

    private int length;
    private long hash;
    private long nulls;
    private long others;

    ColumnCounter(ArchiveData.ColumnQuestion question, Charset charset, int maxHashes) {
        values = List.copyOf(question.values());
        escapedValues =
                values.stream().map(value -> escape(value).getBytes(charset)).toArray(byte[][]::new);
        rowsOfValues = new long[values.size()];
        int longest = NULL.length;
        for (byte[] value : escapedValues) {
            longest = Math.max(longest, value.length);
        }
        // One byte more, to recognise longer values as different.
        field = new byte[longest + 1];
        distinct = question.distinct();
        hashes = new HashSet64(maxHashes);
    }

    void beginField() {
        length = 0;
        hash = 0xcbf29ce484222325L;
    }

    void add(byte[] bytes, int from, int to) {
        int kept = Math.min(to - from, field.length - length);
        System.arraycopy(bytes, from, field, length, kept);
        length += kept;
        if (distinct) {
            // FNV-1a: in a million distinct values, the probability of any collision is about 3 in 100 million.
            for (int i = from; i < to; i++) {
                hash = (hash ^ bytes[i]) * 0x100000001b3L;
            }
        }
    }

    void endField() {
        if (fieldIs(NULL)) {
            nulls++;
            return;
        }
        if (distinct) {
            hashes.add(hash);
        }
        for (int i = 0; i < escapedValues.length; i++) {
            if (fieldIs(escapedValues[i])) {
                rowsOfValues[i]++;
                return;
            }
        }
        others++;
    }

    private boolean fieldIs(byte[] value) {
        return Arrays.equals(field, 0, length, value, 0, value.length);
    }

    ArchiveData.ColumnObservations observations() {
        Map<String, Long> rows = new HashMap<>();
        for (int i = 0; i < rowsOfValues.length; i++) {
            rows.put(values.get(i), rowsOfValues[i]);
        }
        return new ArchiveData.ColumnObservations(nulls, rows, others, distinct ? hashes.size() : OptionalLong.empty());
    }

    /** Like CopyAttributeOutText in PostgreSQL's copyto.c, with a tab as delimiter. */
    private static String escape(String value) {
        StringBuilder escaped = new StringBuilder(value.length());
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            switch (c) {
                case '\\' -> escaped.append("\\\\");
                case '\b' -> escaped.append("\\b");
                case '\f' -> escaped.append("\\f");
                case '\n' -> escaped.append("\\n");
                case '\r' -> escaped.append("\\r");
                case '\t' -> escaped.append("\\t");
                case 0x0B -> escaped.append("\\v");
                default -> escaped.append(c);
            }
        }
        return escaped.toString();
    }

    /** A set of numbers in an array. It gives up counting when it is full. */
    private static final class HashSet64 {

        private final int capacity;
        private long[] table = new long[16];
        private boolean hasZero;
        private int used;
        private boolean full;

        HashSet64(int capacity) {
            this.capacity = capacity;
        }

        void add(long number) {
            if (full) {
                return;
            }
            if (number == 0) {
                hasZero = true;
            } else if (insert(table, number)) {
                used++;
                if (used > capacity) {
                    full = true;
                    table = new long[0];
                } else if (used * 2 > table.length) {
                    long[] larger = new long[table.length * 2];
                    for (long old : table) {
                        if (old != 0) {
                            insert(larger, old);
                        }
                    }
                    table = larger;
                }
            }
        }

        private static boolean insert(long[] table, long number) {
            int mask = table.length - 1;
            int slot = (int) (number ^ (number >>> 32)) & mask;
            while (table[slot] != 0) {
                if (table[slot] == number) {
                    return false;
                }
                slot = (slot + 1) & mask;
            }
            table[slot] = number;
            return true;
        }

        OptionalLong size() {
            return full ? OptionalLong.empty() : OptionalLong.of(used + (hasZero ? 1L : 0L));
        }
    }
}
