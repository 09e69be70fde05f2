package io.github.pgbackup.engine;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The end of a server's log, for a message about a server that did not start. */
public final class LogEnd {

    private static final int LINES = 8;

    private LogEnd() {}

    /** The last eight lines that are not blank, or why there are none. */
    public static String of(Path log) {
        try {
            List<String> lines = new String(Files.readAllBytes(log), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.isBlank())
                    .toList();
            return lines.isEmpty()
                    ? "it is empty."
                    : String.join("\n", lines.subList(Math.max(0, lines.size() - LINES), lines.size())) + "\n";
        } catch (IOException e) {
            return "it cannot be read: " + e + ".";
        }
    }
}
