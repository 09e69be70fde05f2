package io.github.pgbackup.postgres;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Passes arguments and variables to a program that the JVM cannot encode. The JVM writes them in the encoding of its
 * locale, which is ASCII for the C locale, while PostgreSQL's names and passwords are UTF-8. They are passed to a shell
 * with escapes, which the shell resolves.
 *
 * @param locale the encoding of the JVM's arguments
 */
record NativeText(Charset locale) {

    /**
     * Resolves the escapes of the arguments from $1 on. A plain command substitution would remove trailing line feeds.
     */
    private static final String ARGUMENTS = """
            left=$#
            while [ "$left" -gt 0 ]
            do text=$(printf '%b.' "$1"); shift; set -- "$@" "${text%.}"; left=$((left - 1))
            done
            """;

    private static final String VARIABLE = """
            %1$s=$(printf '%%b.' "$%1$s"); %1$s=${%1$s%%.}; export %1$s
            """;

    /** The encoding of this JVM. */
    static NativeText ofThisJvm() {
        String name = System.getProperty("sun.jnu.encoding", "UTF-8");
        return new NativeText(Charset.isSupported(name) ? Charset.forName(name) : StandardCharsets.US_ASCII);
    }

    /**
     * A command for a shell.
     *
     * @param script the shell script, with {@code arguments} as $1, $2 …
     */
    record Command(String script, List<String> arguments, Map<String, String> variables) {}

    /** The same command, with escapes if the JVM needs them. */
    Command escaped(Command command) {
        if (locale.equals(StandardCharsets.UTF_8)) {
            return command;
        }
        StringBuilder script = new StringBuilder();
        Map<String, String> variables = new LinkedHashMap<>(command.variables());
        variables.replaceAll((name, value) -> {
            if (isAscii(value) || !name.matches("[A-Za-z_][A-Za-z0-9_]*")) {
                return value;
            }
            script.append(VARIABLE.formatted(name));
            return escape(value.getBytes(StandardCharsets.UTF_8));
        });
        List<String> arguments = command.arguments();
        if (!arguments.stream().allMatch(locale.newEncoder()::canEncode)) {
            script.append(ARGUMENTS);
            arguments = new ArrayList<>(arguments);
            // A path is in the encoding of the locale; otherwise the JVM could not have found it.
            arguments.replaceAll(text ->
                    escape(text.getBytes(locale.newEncoder().canEncode(text) ? locale : StandardCharsets.UTF_8)));
        }
        return new Command(script + command.script(), arguments, variables);
    }

    private static boolean isAscii(String text) {
        return StandardCharsets.US_ASCII.newEncoder().canEncode(text);
    }

    /** In the notation of printf's %b: a backslash, 0 and three octal digits. */
    private static String escape(byte[] bytes) {
        StringBuilder escaped = new StringBuilder();
        for (byte each : bytes) {
            int code = each & 255;
            if (code < 32 || code > 126 || code == '\\') {
                escaped.append(String.format("\\0%03o", code));
            } else {
                escaped.append((char) code);
            }
        }
        return escaped.toString();
    }
}
