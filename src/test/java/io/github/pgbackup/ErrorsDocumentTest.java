package io.github.pgbackup;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * {@code docs/errors.md} lists every error that the sources can throw, with its remedy; {@code -Dpgbackup.docs} writes
 * the list. The text before the list is written by hand, and may only name existing messages.
 */
final class ErrorsDocumentTest {

    private static final Path DOCUMENT = Path.of("docs/errors.md");
    private static final String LIST = "## All of them\n";
    private static final Pattern THROWN = Pattern.compile(
            "new CannotVerifyException\\(|CannotVerifyException\\.ofTransient\\(|new (?:Interruption\\.)?Reason\\(|(?<![\\w.])problem\\(");
    private static final Pattern SETTING = Pattern.compile("Setting\\.([A-Z0-9_]+)");
    private static final Pattern ROW = Pattern.compile("(?m)^\\| (`.*?`) \\|");
    private static final Pattern MESSAGE = Pattern.compile("`(.*?)`");

    /** Messages that are not a single sentence in the sources. */
    private static final Set<String> COMPOSED = Set.of(
            "The configuration has … problems",
            "… has an unknown tag",
            "The property … is unknown",
            "Table … could not be locked for reading",
            "View … could not be locked for reading",
            "The source … has not answered for 15 s",
            "The Docker daemon at … has not answered for 12 s",
            "The dump was cancelled to protect production",
            "The final inspection was cancelled to protect production",
            "The standby cancelled one of our queries",
            "The standby ended one of our sessions",
            "The disk is too small",
            "The disk with the restored database is filling up",
            "check-evidence: FAIL");

    @Test
    void every_error_is_in_the_document_with_its_remedy() throws Exception {
        String document = Files.readString(DOCUMENT);
        String expected =
                LIST + "\n<!-- Written by ErrorsDocumentTest -Dpgbackup.docs=true; do not edit. -->\n\n" + list();
        if (Boolean.getBoolean("pgbackup.docs")) {
            document = document.replaceFirst("(?s)" + LIST + ".*", "") + expected;
            Files.writeString(DOCUMENT, document);
        }

        assertThat(document).endsWith(expected);
    }

    @Test
    void every_message_that_is_explained_by_hand_exists_in_the_sources() throws Exception {
        Set<String> facts = errors().keySet();
        List<String> rows = ROW.matcher(Files.readString(DOCUMENT).replaceFirst("(?s)" + LIST + ".*", ""))
                .results()
                .flatMap(row -> MESSAGE.matcher(row.group(1)).results())
                .map(message -> message.group(1))
                .filter(row -> !COMPOSED.contains(row))
                .toList();

        assertThat(rows)
                .hasSizeGreaterThan(15)
                .allSatisfy(row -> assertThat(facts).as(row).anyMatch(fact -> fact.startsWith(row)));
    }

    @Test
    void a_call_in_a_source_is_read_as_a_person_sees_it() {
        assertThat(errors("""
                throw new CannotVerifyException(
                        tag + " is '" + name(x, "y") + "', and "
                                + "that is `wrong`.",
                        Remedy.RUN_IT_AGAIN, e);
                new Reason("pattern, ", "Of %s nothing, (really).".formatted(a), Remedy.startTheContainer(name));
                new CannotVerifyException(reason.fact(), reason.remedy());
                """))
                .containsExactlyEntriesOf(new TreeMap<>(Map.of(
                        "… is '…', and that is wrong.", "Run it again.",
                        "Of … nothing, (really).", "Start it: docker start ….")));
    }

    private static String list() {
        StringBuilder text = new StringBuilder("| message | remedy |\n|---|---|\n");
        errors().forEach((fact, remedy) -> text.append("| ")
                .append(plain(fact))
                .append(" | ")
                .append(plain(remedy))
                .append(" |\n"));
        return text.toString();
    }

    private static String plain(String text) {
        return text.replace("<", "&lt;").replace("|", "\\|");
    }

    /** The remedies of all errors, by fact. An ellipsis replaces what varies. */
    private static Map<String, String> errors() {
        Map<String, String> errors = new TreeMap<>();
        try (Stream<Path> sources = Files.walk(Path.of("src/main/java"))) {
            for (Path source : sources.filter(Files::isRegularFile).toList()) {
                errors.putAll(errors(Files.readString(source)));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        assertThat(errors).hasSizeGreaterThan(80);
        return errors;
    }

    private static Map<String, String> errors(String source) {
        Map<String, String> errors = new TreeMap<>();
        Matcher thrown = THROWN.matcher(source);
        while (thrown.find()) {
            List<String> arguments = arguments(source, thrown.end());
            for (int i = 1; i < arguments.size(); i++) {
                if (arguments.get(i).matches("(?s)(?:Maven)?Remedy\\..*")) {
                    String fact = fact(arguments.get(i - 1));
                    if (fact.matches(".*[a-z].*")) {
                        errors.put(fact, remedy(arguments.get(i)));
                    }
                }
            }
        }
        return errors;
    }

    /** The arguments of a call, up to its closing parenthesis. */
    private static List<String> arguments(String source, int begin) {
        List<String> arguments = new ArrayList<>();
        int depth = 0;
        int start = begin;
        for (int i = begin; ; i++) {
            char c = source.charAt(i);
            if (c == '"') {
                i = endOfLiteral(source, i);
            } else if (c == '(') {
                depth++;
            } else if (c == ')' && depth-- == 0 || c == ',' && depth == 0) {
                arguments.add(source.substring(start, i).strip());
                start = i + 1;
                if (c == ')') {
                    return arguments;
                }
            }
        }
    }

    private static int endOfLiteral(String source, int quote) {
        int i = quote + 1;
        while (source.charAt(i) != '"') {
            i += source.charAt(i) == '\\' ? 2 : 1;
        }
        return i;
    }

    private static String fact(String expression) {
        // If there are two sentences, takes the first one, which is the literal.
        String chosen = SETTING.matcher(expression.replaceFirst("^[\\w.()]+\\s+\\? ", ""))
                .replaceAll(found -> "\"" + Setting.valueOf(found.group(1)) + "\"");
        StringBuilder fact = new StringBuilder();
        int depth = 0;
        boolean other = false;
        for (int i = 0; i < chosen.length(); i++) {
            char c = chosen.charAt(i);
            depth += c == '(' ? 1 : c == ')' ? -1 : 0;
            if (c == '"') {
                int end = endOfLiteral(chosen, i);
                if (depth == 0) {
                    fact.append(other ? "…" : "")
                            .append(chosen.substring(i + 1, end).translateEscapes());
                    other = false;
                } else {
                    other = true;
                }
                i = end;
            } else if (chosen.startsWith(".formatted(", i) || depth == 0 && c == ':') {
                break;
            } else if (Character.isLetter(c)) {
                other = true;
            }
        }
        return (fact + (other ? "…" : ""))
                .replaceAll("%[sd]", "…")
                .replaceAll("%n|\\s+", " ")
                .replace("`", "")
                .strip();
    }

    private static String remedy(String expression) {
        Matcher name = Pattern.compile("(?:Maven)?Remedy\\.(\\w+)(\\(?)").matcher(expression);
        assertThat(name.lookingAt()).as(expression).isTrue();
        try {
            if (name.group(2).isEmpty()) {
                Class<?> holder = expression.startsWith("Maven")
                        ? Class.forName("io.github.pgbackup.mojo.MavenRemedy")
                        : Remedy.class;
                Field constant = holder.getDeclaredField(name.group(1));
                constant.setAccessible(true);
                return ((Remedy) constant.get(null)).text();
            }
            Method method = Stream.of(Remedy.class.getMethods())
                    .filter(each -> each.getName().equals(name.group(1)))
                    .findFirst()
                    .orElseThrow();
            if (method.getName().equals("all")) {
                return "For each kind of object the GRANT or ALTER ROLE that is missing.";
            }
            List<String> names = arguments(expression, name.end());
            Object[] arguments = new Object[names.size()];
            for (int i = 0; i < arguments.length; i++) {
                arguments[i] = argument(method.getParameterTypes()[i], names.get(i));
            }
            return ((Remedy) method.invoke(null, arguments)).text();
        } catch (ReflectiveOperationException e) {
            throw new LinkageError(expression, e);
        }
    }

    /** A placeholder for an argument, by its type and its name in the source. */
    private static Object argument(Class<?> type, String name) {
        if (type == int.class) {
            return 16;
        }
        if (type == List.class) {
            return List.of("database");
        }
        if (name.equals("serverIdTag") || name.contains("serverId")) {
            return "<serverId>";
        }
        return name.equals("urlTag") || name.equals("url.tag()") ? "<url>" : "…";
    }
}
