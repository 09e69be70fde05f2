package io.github.pgbackup.manifest;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonParseException;
import com.google.gson.Strictness;
import com.google.gson.TypeAdapter;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonWriter;
import com.google.gson.stream.MalformedJsonException;
import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.Remedy;
import io.github.pgbackup.Sha256;
import io.github.pgbackup.comparison.DatabaseObservations;
import io.github.pgbackup.comparison.ExtensionVersions;
import io.github.pgbackup.comparison.ForeignReads;
import io.github.pgbackup.comparison.HashOnServer;
import io.github.pgbackup.comparison.RowHash;
import io.github.pgbackup.comparison.SourceCatalog;
import io.github.pgbackup.comparison.SourceObservations;
import io.github.pgbackup.comparison.TableName;
import io.github.pgbackup.description.DescriptionFile;
import io.github.pgbackup.expectation.Observation;
import io.github.pgbackup.plan.Comparison;
import io.github.pgbackup.postgres.OwnerOnly;
import io.github.pgbackup.restore.Role;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.RandomAccessFile;
import java.io.Reader;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.IntFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * {@code <archive>.manifest.json}, described by {@code manifest.schema.json} next to this class: UTF-8, mode 0600. Its
 * last line is the SHA-256 of everything before it, so that a truncated or changed file is recognised. This is not a
 * signature: whoever changes the file on purpose can write a new hash.
 */
public final class ManifestFile {

    /** The minor version changes when members are added, the major version when old readers could misread it. */
    static final String VERSION = "1.0";

    private static final Pattern VERSION_FORMAT = Pattern.compile("\\d{1,6}\\.\\d{1,6}");

    private static final String SEAL = ",\n  \"sha256\": \"%s\"\n}\n";

    private static final Pattern SEALED =
            Pattern.compile(SEAL.replace("}", "\\}").formatted("([0-9a-f]{64})"));

    private static final int SEAL_BYTES = SEAL.formatted("0".repeat(64)).length();

    private static final Gson GSON = new GsonBuilder()
            .disableHtmlEscaping()
            .registerTypeAdapter(Instant.class, new InstantText())
            .registerTypeAdapter(Observation.State.class, new EnumText<>(Observation.State.class))
            .registerTypeAdapter(RowHash.class, new EnumText<>(RowHash.class))
            .registerTypeAdapter(Comparison.class, new EnumText<>(Comparison.class))
            // version 1.0 of the schema has another name for this member
            .setFieldNamingStrategy(field -> field.getName().equals("observation") ? "figure" : field.getName())
            .create();

    private ManifestFile() {}

    /** The name of the manifest of an archive. */
    public static Path of(Path archive) {
        return archive.resolveSibling(archive.getFileName() + ".manifest.json");
    }

    private static final class InstantText extends TypeAdapter<Instant> {
        @Override
        public void write(JsonWriter json, Instant value) throws IOException {
            json.value(value.toString());
        }

        @Override
        public Instant read(JsonReader json) throws IOException {
            return Instant.parse(json.nextString());
        }
    }

    private static final class EnumText<E extends Enum<E>> extends TypeAdapter<E> {

        private final Class<E> type;

        EnumText(Class<E> type) {
            this.type = type;
        }

        @Override
        public void write(JsonWriter json, E value) throws IOException {
            json.value(value.name().toLowerCase(Locale.ROOT));
        }

        @Override
        public E read(JsonReader json) throws IOException {
            return Enum.valueOf(type, json.nextString().toUpperCase(Locale.ROOT));
        }
    }

    /** Writes the members of the outermost object, one per line; for a list, one item per line. */
    private static final class Members {

        private final Writer out;
        private String separator = "{";

        Members(Writer out) {
            this.out = out;
        }

        Writer begin(String name) throws IOException {
            out.write(separator + "\n  " + GSON.toJson(name) + ": ");
            separator = ",";
            return out;
        }

        void add(String name, @Nullable Object value) throws IOException {
            if (value instanceof List<?> items) {
                begin(name).write("[");
                String between = "\n    ";
                for (Object item : items) {
                    out.write(between + GSON.toJson(item));
                    between = ",\n    ";
                }
                out.write("]");
            } else if (value != null) {
                begin(name).write(GSON.toJson(value));
            }
        }
    }

    /**
     * Writes a manifest.
     *
     * @param path must not exist
     * @param plugin the plugin's version
     */
    public static void write(Manifest manifest, Path path, String plugin) throws IOException {
        MessageDigest digest = Sha256.digest();
        try (OutputStream file = Files.newOutputStream(Files.createFile(path, OwnerOnly.file()))) {
            Writer out = new OutputStreamWriter(new DigestOutputStream(file, digest), StandardCharsets.UTF_8);
            Members members = new Members(out);
            members.add("manifestVersion", VERSION);
            members.add("plugin", plugin);
            members.add("archive", manifest.archive());
            members.add("source", manifest.source());
            write(manifest.content(), members);
            Manifest.Definitions definitions = manifest.definitions();
            if (definitions != null) {
                members.add("salt", definitions.salt());
                write(definitions.descriptions(), members);
            }
            out.flush();
            String seal = SEAL.formatted(HexFormat.of().formatHex(digest.digest()));
            file.write(seal.getBytes(StandardCharsets.US_ASCII));
        }
    }

    private static void write(Manifest.Content content, Members members) throws IOException {
        members.add("comparison", content.comparison());
        members.add("doesNotContain", content.doesNotContain());
        members.add("expectations", content.answers());
        members.add("roles", content.roles());
        SourceObservations observations = content.observations();
        members.add("extensions", observations.extensions());
        members.add(
                "readsOtherServers",
                observations.foreignReads().materializedViews().stream()
                        .sorted()
                        .toList());
        SourceCatalog catalog = observations.catalog();
        if (catalog != null) {
            members.add("objects", catalog.objects());
            members.add("attachments", catalog.attachments());
        }
        members.add("rowHash", observations.hash());
        DatabaseObservations tables = observations.tables();
        if (tables != null) {
            Rows rows = Rows.of(tables);
            members.add("tables", rows.tables());
            members.add("sequences", rows.sequences());
            members.add("materializedViews", rows.materializedViews());
            members.add("largeObjects", rows.largeObjects());
        }
    }

    private static void write(List<DescriptionFile> descriptions, Members members) throws IOException {
        Writer out = members.begin("descriptions");
        String between = "[\n    ";
        for (DescriptionFile description : descriptions) {
            out.write(between);
            description.copyTo(out);
            between = ",\n    ";
        }
        out.write("]");
    }

    /**
     * Reads a manifest.
     *
     * @param descriptions the files in which to store its descriptions, by numbers from 1; these files must not exist
     * @throws CannotVerifyException when the manifest does not exist, has an unknown version, or was changed after it
     *     was written
     */
    public static Manifest read(Path path, IntFunction<Path> descriptions) {
        if (!Files.isRegularFile(path)) {
            throw new CannotVerifyException("The manifest " + path + " does not exist.", Remedy.NAME_A_MANIFEST);
        }
        try {
            requireVersion(path);
            requireSeal(path);
            try (JsonReader json = reader(path)) {
                Gson gson = GSON.newBuilder()
                        .registerTypeAdapter(DescriptionFile.class, new Extraction(descriptions))
                        .create();
                Document document = gson.fromJson(json, Document.class);
                return document.manifest();
            }
        } catch (MalformedJsonException | EOFException e) {
            throw notAManifest(path, e);
        } catch (IOException e) {
            throw new CannotVerifyException(
                    "The manifest " + path + " cannot be read: " + CannotVerifyException.reason(e) + ".",
                    Remedy.NAME_A_MANIFEST,
                    e);
        } catch (RuntimeException e) {
            throw e instanceof CannotVerifyException known ? known : notAManifest(path, e);
        }
    }

    private static CannotVerifyException notAManifest(Path path, Exception cause) {
        return new CannotVerifyException(
                "The file " + path + " is not a manifest of this plugin.", Remedy.NAME_A_MANIFEST, cause);
    }

    private static JsonReader reader(Path path) throws IOException {
        Reader text = Files.newBufferedReader(path, StandardCharsets.UTF_8);
        JsonReader json = new JsonReader(text);
        json.setStrictness(Strictness.STRICT);
        return json;
    }

    /** Must be called first: a newer version may have another last line. */
    private static void requireVersion(Path path) throws IOException {
        String version = "";
        try (JsonReader json = reader(path)) {
            json.beginObject();
            if (json.nextName().equals("manifestVersion")) {
                version = json.nextString();
            }
        }
        if (!VERSION_FORMAT.matcher(version).matches()) {
            throw new JsonParseException("no version");
        }
        if (!version.startsWith("1.")) {
            throw new CannotVerifyException(
                    "The manifest " + path + " has format version " + version
                            + "; this release of the plugin reads 1.x.",
                    Remedy.USE_A_NEWER_PLUGIN);
        }
    }

    private static void requireSeal(Path path) throws IOException {
        long sealed = Files.size(path) - SEAL_BYTES;
        MessageDigest digest = Sha256.digest();
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "r")) {
            byte[] buffer = new byte[1 << 16];
            long left = sealed;
            while (left > 0) {
                int read = file.read(buffer, 0, (int) Math.min(buffer.length, left));
                if (read < 0) {
                    throw changed(path);
                }
                digest.update(buffer, 0, read);
                left -= read;
            }
            byte[] end = new byte[SEAL_BYTES];
            file.seek(Math.max(0, sealed));
            file.readFully(end, 0, (int) Math.min(SEAL_BYTES, file.length()));
            Matcher seal = SEALED.matcher(new String(end, StandardCharsets.US_ASCII));
            if (!seal.matches() || !seal.group(1).equals(HexFormat.of().formatHex(digest.digest()))) {
                throw changed(path);
            }
        }
    }

    private static CannotVerifyException changed(Path path) {
        return new CannotVerifyException(
                "The manifest " + path
                        + " was truncated or changed: its last line is not the SHA-256 of everything"
                        + " before it.",
                Remedy.BRING_THE_MANIFEST_AS_IT_WAS);
    }

    /** The members that are read. */
    private record Document(
            Manifest.Archive archive,
            Manifest.Source source,
            Comparison comparison,
            List<String> doesNotContain,
            List<Answer> expectations,
            List<Role> roles,
            ExtensionVersions extensions,
            List<TableName> readsOtherServers,
            @Nullable List<SourceCatalog.SourceObject> objects,
            @Nullable List<SourceCatalog.Attachment> attachments,
            @Nullable HashOnServer rowHash,
            @Nullable List<Rows.Table> tables,
            @Nullable List<Rows.Sequence> sequences,
            @Nullable List<Rows.MaterializedView> materializedViews,
            Rows.@Nullable LargeObjectsInFile largeObjects,
            @Nullable String salt,
            @Nullable List<DescriptionFile> descriptions) {

        Manifest manifest() {
            boolean withObjects = comparison.includes(Comparison.SCHEMA);
            boolean withRows = comparison.includes(Comparison.ROWS);
            boolean withContent = comparison.includes(Comparison.CONTENT);
            SourceObservations observations = new SourceObservations(
                    withContent ? Objects.requireNonNull(rowHash) : null,
                    withObjects
                            ? new SourceCatalog(Objects.requireNonNull(objects), Objects.requireNonNull(attachments))
                            : null,
                    extensions,
                    new ForeignReads(new HashSet<>(readsOtherServers)),
                    withRows ? rows().observations() : null);
            return new Manifest(
                    Objects.requireNonNull(archive),
                    Objects.requireNonNull(source),
                    new Manifest.Content(comparison, roles, observations, expectations, doesNotContain),
                    withObjects
                            ? new Manifest.Definitions(
                                    Objects.requireNonNull(salt), Objects.requireNonNull(descriptions))
                            : null);
        }

        private Rows rows() {
            return new Rows(
                    Objects.requireNonNull(tables),
                    Objects.requireNonNull(sequences),
                    Objects.requireNonNull(materializedViews),
                    Objects.requireNonNull(largeObjects));
        }
    }

    /** Stores each description in a separate file. */
    private static final class Extraction extends TypeAdapter<DescriptionFile> {

        private final IntFunction<Path> files;
        private int number;

        Extraction(IntFunction<Path> files) {
            this.files = files;
        }

        @Override
        public DescriptionFile read(JsonReader json) throws IOException {
            number++;
            return DescriptionFile.extract(json, files.apply(number));
        }

        @Override
        public void write(JsonWriter json, DescriptionFile description) {
            throw new UnsupportedOperationException("Descriptions are copied, not serialised.");
        }
    }
}
