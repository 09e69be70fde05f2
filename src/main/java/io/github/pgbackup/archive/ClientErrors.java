package io.github.pgbackup.archive;

import java.util.ArrayList;
import java.util.List;

/**
 * Picks, out of what a PostgreSQL client program tells with {@code --verbose}, its errors with their details and hints.
 */
final class ClientErrors {

    /** The first errors are the cause, what follows are consequences. */
    private static final int MOST_LINES = 20;

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
        if (inError && lines.size() < MOST_LINES && !line.isBlank()) {
            lines.add(line.strip());
        }
    }

    /** The error lines, joined by line feeds; empty when there was none. */
    String text() {
        return String.join("\n", lines);
    }
}
