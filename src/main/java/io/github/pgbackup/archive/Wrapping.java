package io.github.pgbackup.archive;

import com.github.luben.zstd.ZstdInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorInputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;
import org.apache.commons.compress.compressors.lz4.FramedLZ4CompressorInputStream;
import org.tukaani.xz.XZInputStream;

/**
 * What programs such as gzip put around a file, told by the bytes that it begins with. A file that several such streams were
 * written to, one after the other, is read to the end of the last one.
 */
enum Wrapping {
    GZIP(".gz", "1f8b") {
        @Override
        InputStream unwrap(InputStream in) throws IOException {
            return GzipCompressorInputStream.builder()
                    .setInputStream(in)
                    .setDecompressConcatenated(true)
                    .get();
        }
    },
    XZ(".xz", "fd377a585a00") {
        @Override
        InputStream unwrap(InputStream in) throws IOException {
            return new XZInputStream(in);
        }
    },
    BZIP2(".bz2", "425a68") {
        @Override
        InputStream unwrap(InputStream in) throws IOException {
            return new BZip2CompressorInputStream(in, true);
        }
    },
    ZSTD(".zst", "28b52ffd") {
        @Override
        InputStream unwrap(InputStream in) throws IOException {
            // As zstd --long=31 needs it; what the file itself does not ask for is not taken.
            try {
                return new ZstdInputStream(in).setLongMax(LONGEST_WINDOW);
            } catch (LinkageError e) {
                throw new IOException("the library for zstd does not run on this system; unpack it before", e);
            }
        }
    },
    LZ4(".lz4", "04224d18") {
        @Override
        InputStream unwrap(InputStream in) throws IOException {
            return new FramedLZ4CompressorInputStream(in, true);
        }
    };

    /** The longest of all magic numbers. */
    static final int MAGIC = 6;

    private static final int LONGEST_WINDOW = 31;

    private final String suffix;

    /** Hexadecimal. */
    private final String magic;

    Wrapping(String suffix, String magic) {
        this.suffix = suffix;
        this.magic = magic;
    }

    /** The format of a file that begins with these bytes; empty if it is none of them. */
    static Optional<Wrapping> of(byte[] beginning) {
        String hexadecimal = HexFormat.of().formatHex(beginning);
        return Arrays.stream(values())
                .filter(each -> hexadecimal.startsWith(each.magic))
                .findFirst();
    }

    /** What a member of pg_dump's directory format is compressed by, as its name says. */
    static Optional<Wrapping> ofMember(String name) {
        return Arrays.stream(values())
                .filter(each -> name.endsWith(each.suffix))
                .findFirst();
    }

    /**
     * The bytes inside. A check sum that the format has is checked when all is read.
     *
     * @throws IOException when it is corrupt or does not end; on reading, too
     */
    abstract InputStream unwrap(InputStream in) throws IOException;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
