package io.github.pgbackup;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgbackup.plan.KnownTag;
import io.github.pgbackup.plan.Tags;
import io.github.pgbackup.source.Element;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The core can serve another front end: here, a command line with options such as {@code --archive-file}. */
final class MadeUpFrontEndTest {

    private static final Pattern OF_MAVEN = Pattern.compile("<[a-zA-Z]\\w*>|-Dpgbackup");
    private static final Pattern LITERAL = Pattern.compile("\"((?:\\\\.|[^\"\\\\\n])*)\"");

    /** Sources that write XML for the user's POM: their tags are a format, not part of a sentence. */
    private static final Set<String> WRITES_XML = Set.of("ExpectationsXml.java");

    @TempDir
    Path services;

    /** The made-up front end. */
    public static final class CommandLine implements SettingNames {

        @Override
        public String name(String key) {
            return "--"
                    + key.replace('.', '-')
                            .replaceAll("([a-z])([A-Z])", "$1-$2")
                            .toLowerCase(java.util.Locale.ROOT);
        }

        @Override
        public Optional<String> otherName(String key) {
            return Optional.empty();
        }

        @Override
        public String withValue(String key, String value) {
            return name(key) + " " + value;
        }

        @Override
        public String written(String key, Map<String, String> content) {
            return name(key) + " "
                    + content.entrySet().stream()
                            .map(part ->
                                    part.getKey().isEmpty() ? part.getValue() : part.getKey() + "=" + part.getValue())
                            .collect(Collectors.joining(","));
        }

        @Override
        public String named(String key, String name) {
            return name(key) + " " + name + " ";
        }
    }

    /** Sentences of the core, created in a class loader in which the command line is the front end. */
    public static final class Sentences implements Supplier<List<String>> {

        @Override
        public List<String> get() {
            List<String> sentences = new ArrayList<>();
            try {
                sentences.addAll(RemedyTest.texts());
            } catch (ReflectiveOperationException e) {
                throw new LinkageError("Remedy", e);
            }
            for (Setting setting : Setting.values()) {
                sentences.addAll(List.of(
                        "" + setting,
                        setting.inFull(),
                        setting.listed(),
                        setting.orOther(),
                        setting.is("x"),
                        setting.written("x")));
            }
            sentences.add(Element.SOURCE.child("url"));
            sentences.add(Element.protectedEnvironment("staging").child("container"));
            return sentences;
        }
    }

    @Test
    void every_remedy_and_setting_is_expressed_in_the_words_of_a_command_line() throws Exception {
        List<String> sentences = bySettings(CommandLine.class.getName());

        assertThat(sentences)
                .hasSizeGreaterThan(300)
                .noneMatch(sentence -> OF_MAVEN.matcher(sentence).find())
                .contains(
                        "Name a file or folder that pg_dump wrote: --archive-file. " + Guide.ARCHIVES.sentence(),
                        "--source-url",
                        "--protected-environment staging --container",
                        "--comparison x");
    }

    /** Otherwise the test above could not fail. */
    @Test
    void by_the_pom_the_same_sentences_have_tags_and_properties() throws Exception {
        assertThat(bySettings("io.github.pgbackup.mojo.PomNames"))
                .contains(
                        "Name a file or folder that pg_dump wrote: <archive><file>, -Dpgbackup.archive.file." + " "
                                + Guide.ARCHIVES.sentence(),
                        "<source><url> (-Dpgbackup.source.url)",
                        "<protectedEnvironment><name>staging</name><container>",
                        "<comparison>x</comparison> (-Dpgbackup.comparison=x)");
    }

    @SuppressWarnings("unchecked")
    private List<String> bySettings(String frontEnd) throws Exception {
        Path file = services.resolve("META-INF/services/" + SettingNames.class.getName());
        Files.createDirectories(file.getParent());
        Files.writeString(file, frontEnd + "\n");
        List<URL> path = new ArrayList<>(List.of(services.toUri().toURL()));
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            path.add(url(entry));
        }
        try (URLClassLoader loader =
                new URLClassLoader(path.toArray(URL[]::new), ClassLoader.getPlatformClassLoader())) {
            Object sentences =
                    loader.loadClass(Sentences.class.getName()).getConstructor().newInstance();
            return ((Supplier<List<String>>) sentences).get();
        }
    }

    private static URL url(String entry) throws MalformedURLException {
        return Path.of(entry).toUri().toURL();
    }

    @Test
    void no_literal_of_the_core_names_a_tag_or_a_property() throws IOException {
        assertThat(wordsOfThePom(Path.of("src/main/java"))).isEmpty();
    }

    @Test
    void a_literal_that_does_is_found() throws IOException {
        Path core = Files.createDirectories(services.resolve("io/github/pgbackup/check"));
        Files.writeString(core.resolve("A.java"), "String a = \"correct <archive><file>\"; // <comparison>\n");
        Files.writeString(core.resolve("B.java"), "String b = \"correct -Dpgbackup.timeout\";\n");
        Path goals = Files.createDirectories(services.resolve("io/github/pgbackup/mojo"));
        Files.writeString(goals.resolve("C.java"), "String c = \"correct <archive>\";\n");

        assertThat(wordsOfThePom(services)).containsOnlyKeys("A.java", "B.java");
    }

    /** The literals that name a tag or a property, outside of the goals and of the classes that read the tags. */
    private static Map<String, List<String>> wordsOfThePom(Path sources) throws IOException {
        String names = Tags.all().stream()
                .flatMap(KnownTag::all)
                .map(KnownTag::name)
                .distinct()
                .collect(Collectors.joining("|"));
        Pattern words = Pattern.compile("(?<!\\?)</?(?:" + names + ")>|-Dpgbackup");
        Map<String, List<String>> found = new TreeMap<>();
        try (Stream<Path> files = Files.walk(sources)) {
            files.filter(file -> file.toString().endsWith(".java"))
                    .filter(file -> !Set.of("mojo", "plan")
                            .contains(file.getParent().getFileName().toString()))
                    .filter(file -> !WRITES_XML.contains(file.getFileName().toString()))
                    .forEach(file -> {
                        List<String> literals = literals(file).stream()
                                .filter(literal -> words.matcher(literal).find())
                                .toList();
                        if (!literals.isEmpty()) {
                            found.put(file.getFileName().toString(), literals);
                        }
                    });
        }
        return found;
    }

    private static List<String> literals(Path file) {
        try {
            String code = Files.readString(file)
                    .replaceAll("(?s)/\\*.*?\\*/", "")
                    .replaceAll("(?m)^\\s*//.*$|;\\s*//.*$", "");
            return LITERAL.matcher(code).results().map(found -> found.group(1)).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void every_setting_is_a_tag() {
        Set<String> paths =
                Tags.all().stream().flatMap(KnownTag::all).map(KnownTag::path).collect(Collectors.toSet());

        assertThat(Stream.of(Setting.values())
                        .map(setting -> "<" + setting.key().replace(".", "><") + ">"))
                .allSatisfy(path -> assertThat(paths)
                        .as(path)
                        .anyMatch(known -> known.equals(path)
                                || known.endsWith(path)
                                || Set.of("<passphrase>", "<server>").contains(path)));
    }
}
