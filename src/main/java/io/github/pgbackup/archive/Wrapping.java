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
 * A compression format around a file, recognised by the file's first bytes. If a file holds several concatenated
 * streams, all of them are read.
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
            // zstd --long=31 needs this limit; memory is allocated only as the file requires.
            try {
                return new ZstdInputStream(in).setLongMax(MAX_WINDOW_LOG);
            } catch (LinkageError e) {
                throw new IOException("the zstd library does not run on this system; decompress the file first", e);
            }
        }
    },
    LZ4(".lz4", "04224d18") {
        @Override
        InputStream unwrap(InputStream in) throws IOException {
            return new FramedLZ4CompressorInputStream(in, true);
        }
    };

    /** The length of the longest magic number. */
    static final int MAGIC = 6;

    private static final int MAX_WINDOW_LOG = 31;

    private final String suffix;

    /** The first bytes of such a file, in hexadecimal. */
    private final String magic;

    Wrapping(String suffix, String magic) {
        this.suffix = suffix;
        this.magic = magic;
    }

    /** The format of a file that begins with these bytes; empty when none matches. */
    static Optional<Wrapping> of(byte[] beginning) {
        String hexadecimal = HexFormat.of().formatHex(beginning);
        return Arrays.stream(values())
                .filter(each -> hexadecimal.startsWith(each.magic))
                .findFirst();
    }

    /** The compression of a member of pg_dump's directory format, from its name. */
    static Optional<Wrapping> ofMember(String name) {
        return Arrays.stream(values())
                .filter(each -> name.endsWith(each.suffix))
                .findFirst();
    }

    /**
     * Decompresses the stream. A checksum of the format is verified at its end.
     *
     * @throws IOException when the stream is corrupt or truncated; later reads throw it, too
     */
    abstract InputStream unwrap(InputStream in) throws IOException;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
