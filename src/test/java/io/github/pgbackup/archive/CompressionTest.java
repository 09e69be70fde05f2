package io.github.pgbackup.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.pgbackup.postgres.PostgresVersion;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class CompressionTest {

    private static final PostgresVersion PG_15 = PostgresVersion.ofNumber(150018);
    private static final PostgresVersion PG_16 = PostgresVersion.ofNumber(160000);

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "0                   | --compress=none",
                "6                   | --compress=gzip:6",
                "none                | --compress=none",
                "gzip                | --compress=gzip",
                "GZIP:9              | --compress=gzip:9",
                "lz4:1               | --compress=lz4:1",
                "zstd:22             | --compress=zstd:22",
                "zstd:level=3        | --compress=zstd:3",
                "zstd:long           | --compress=zstd:long",
                "zstd:level=3,long   | --compress=zstd:level=3,long",
                "zstd:long=no,level=3| --compress=zstd:level=3,long=no",
            })
    void a_pg_dump_of_16_takes_methods(String text, String argument) {
        assertThat(Compression.parse(text).arguments(PG_16)).containsExactly(argument);
    }

    @ParameterizedTest
    @CsvSource({"0,--compress=0", "none,--compress=0", "6,--compress=6", "gzip:1,--compress=1"})
    void a_pg_dump_before_16_takes_numbers(String text, String argument) {
        assertThat(Compression.parse(text).arguments(PG_15)).containsExactly(argument);
    }

    @Test
    void a_pg_dump_before_16_compresses_with_gzip_by_default() {
        assertThat(Compression.parse("gzip").arguments(PG_15)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"lz4,lz4", "zstd:3,zstd"})
    void a_pg_dump_before_16_does_not_know_newer_methods(String text, String method) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Compression.parse(text).arguments(PG_15))
                .withMessage("pg_dump 15.18 cannot compress with " + method
                        + ", which needs pg_dump 16 or newer; use gzip:1 to"
                        + " gzip:9, none, or a newer pg_dump.");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "brotli        | unknown method 'brotli'",
                "10            | unknown method '10'",
                "gzip:0        | gzip accepts levels from 1 to 9, not '0'",
                "gzip:         | gzip accepts levels from 1 to 9, not ''",
                "gzip:6,long   | gzip does not accept the detail '6'",
                "gzip:long     | gzip accepts levels from 1 to 9, not 'long'",
                "lz4:13        | lz4 accepts levels from 1 to 12, not '13'",
                "zstd:level=99 | zstd accepts levels from 1 to 22, not '99'",
                "zstd:long=perhaps,level=3 | zstd does not accept the detail 'long=perhaps'",
                "none:1        | none does not accept a level",
            })
    void anything_else_is_rejected_with_the_valid_values(String text, String fact) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Compression.parse(text))
                .withMessage("Invalid compression '" + text + "': " + fact
                        + "; use 0 to 9, none, gzip[:1 to 9], lz4[:1 to 12] or zstd[:1 to 22], or details such as"
                        + " zstd:level=3,long.");
    }
}
