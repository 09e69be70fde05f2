package io.github.pgbackup.archive;

import static java.util.Map.entry;

import java.nio.charset.Charset;
import java.util.Map;
import java.util.Optional;

/** Maps PostgreSQL's names of database encodings (manual, 24.3.1) to Java's charsets. */
public final class ServerEncoding {

    private static final Map<String, String> CHARSETS = Map.ofEntries(
            entry("UTF8", "UTF-8"),
            // The server checks nothing here; in practice the data is UTF-8.
            entry("SQL_ASCII", "UTF-8"),
            entry("EUC_CN", "GB2312"),
            entry("EUC_JP", "EUC-JP"),
            entry("EUC_KR", "EUC-KR"),
            entry("EUC_TW", "x-EUC-TW"),
            entry("ISO_8859_5", "ISO-8859-5"),
            entry("ISO_8859_6", "ISO-8859-6"),
            entry("ISO_8859_7", "ISO-8859-7"),
            entry("ISO_8859_8", "ISO-8859-8"),
            entry("KOI8R", "KOI8-R"),
            entry("KOI8U", "KOI8-U"),
            entry("LATIN1", "ISO-8859-1"),
            entry("LATIN2", "ISO-8859-2"),
            entry("LATIN3", "ISO-8859-3"),
            entry("LATIN4", "ISO-8859-4"),
            entry("LATIN5", "ISO-8859-9"),
            entry("LATIN7", "ISO-8859-13"),
            entry("LATIN9", "ISO-8859-15"),
            entry("LATIN10", "ISO-8859-16"),
            entry("WIN866", "IBM866"),
            entry("WIN874", "x-windows-874"),
            entry("WIN1250", "windows-1250"),
            entry("WIN1251", "windows-1251"),
            entry("WIN1252", "windows-1252"),
            entry("WIN1253", "windows-1253"),
            entry("WIN1254", "windows-1254"),
            entry("WIN1255", "windows-1255"),
            entry("WIN1256", "windows-1256"),
            entry("WIN1257", "windows-1257"),
            entry("WIN1258", "windows-1258"));

    private ServerEncoding() {}

    /** Java's charset for an encoding; empty when Java has none. */
    public static Optional<Charset> charset(String encoding) {
        return Optional.ofNullable(CHARSETS.get(encoding))
                .filter(Charset::isSupported)
                .map(Charset::forName);
    }
}
