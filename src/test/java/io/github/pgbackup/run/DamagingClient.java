package io.github.pgbackup.run;

import io.github.pgbackup.test.Programs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * A client with the real pg_dump, whose output is damaged before the plugin sees it, as by a disk, a driver or a
 * colleague: there is no checksum yet that could show it.
 */
final class DamagingClient {

    /**
     * Damages the archive of the source, {@code $archive}, a file or a directory. The plugin's own dumps of the restored
     * database stay sound.
     */
    private static final String PG_DUMP = """
            #!/bin/sh
            LC_ALL=C export LC_ALL
            real='%s'
            case "$*" in
                *--snapshot=*) ;;
                *) exec "$real" "$@" ;;
            esac
            archive= stdout=
            for argument do
                case $argument in --file=*) archive=${argument#--file=} ;; esac
            done
            if [ -z "$archive" ]; then
                archive=$(mktemp) stdout=yes
            fi
            largest() { ls -S "$archive" | grep -v toc.dat | head -n "$1" | tail -n 1; }
            size() { wc -c <"$1" | tr -d ' '; }
            cut_to() { head -c "$2" "$1" >"$1.cut" && mv "$1.cut" "$1"; }
            flip() { # FILE OFFSET: its lowest bit
                byte=$(od -An -tu1 -j "$2" -N 1 "$1" | tr -d ' ')
                { head -c "$2" "$1"; printf "\\\\$(printf %%o $((byte ^ 1)))"; tail -c +$(($2 + 2)) "$1"; } >"$1.flipped"
                mv "$1.flipped" "$1"
            }
            dump() {
                # Into a file it would write its table of contents twice, of which a reader needs the first.
                if [ -z "$stdout" ]; then "$real" "$@"; else "$real" "$@" | cat >"$archive"; fi
            }
            %s
            if [ -n "$stdout" ]; then cat "$archive" && rm "$archive"; fi
            """;

    private DamagingClient() {}

    /**
     * Creates the directory of programs.
     *
     * @param damage lines of a shell script; {@code dump "$@"} is where the real pg_dump makes the archive
     */
    static Path make(Path directory, Programs programs, String damage) throws IOException {
        Files.createDirectories(directory);
        Path script = Files.writeString(
                directory.resolve("pg_dump"), PG_DUMP.formatted(programs.bin().resolve("pg_dump"), damage));
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.createSymbolicLink(directory.resolve("pg_restore"), programs.bin().resolve("pg_restore"));
        return directory;
    }
}
