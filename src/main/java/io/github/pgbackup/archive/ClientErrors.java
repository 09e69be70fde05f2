package io.github.pgbackup.archive;

import java.util.ArrayList;
import java.util.List;

/**
 * Collects the errors of a PostgreSQL client program, with details and hints, from its {@code --verbose} output.
 */
final class ClientErrors {

    /** The first errors are the cause; the rest are consequences. */
    private static final int MAX_LINES = 20;

    private final String program;
    private final List<String> lines = new ArrayList<>();
    private boolean inError;

    ClientErrors(String program) {
        this.program = program;
    }

    void accept(String line) {
        if (line.startsWith(program + ": ")) {
            String message = line.substring(program.length() + 2);
            inError = message.startsWith("error: ") || message.startsWith("detail: ") || message.startsWith("hint: ");
        }
        if (inError && lines.size() < MAX_LINES && !line.isBlank()) {
            lines.add(line.strip());
        }
    }

    /** The error lines, joined by line feeds; empty when there was none. */
    String text() {
        return String.join("\n", lines);
    }
}
