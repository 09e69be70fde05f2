package io.github.pgbackup.description;

import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.JsonWriter;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.zip.Deflater;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * A description as a gzip-compressed JSON document, written and read row by row, because for 10,000 tables it has about 100 MB.
 * It holds no values from rows of tables; definitions may contain constants.
 *
 * @param path the file
 * @param header the data before the rows
 */
public record DescriptionFile(Path path, Header header) {

    /** The minor version changes when members are added, the major version when old readers could misread it. */
    static final String VERSION = "1.0";

    /** Reduces the size to a tenth, in a tenth of the time that reading the rows takes. */
    private static final class QuickGzip extends GZIPOutputStream {
        QuickGzip(OutputStream file) throws IOException {
            super(file, 1 << 16);
            def.setLevel(Deflater.BEST_SPEED);
        }
    }

    /**
     * The data that applies to all rows.
     *
     * @param major major version of the described server
     * @param columns every column of every catalog that was read
     * @param hidden columns that the role may not read
     * @param pristine catalog to key and digest of each row that looks unchanged since initdb; these rows are not described
     * @param builtIn catalog to digest of the other rows that initdb made; these rows follow after all others
     */
    public record Header(
            int major,
            Set<String> columns,
            Set<String> hidden,
            Map<String, String> pristine,
            Map<String, String> builtIn) {
        public Header {
            builtIn = Map.copyOf(builtIn);
            pristine = Map.copyOf(pristine);
            columns = Set.copyOf(columns);
            hidden = Set.copyOf(hidden);
        }

        Header with(Map<String, String> digests) {
            return new Header(major, columns, hidden, pristine, digests);
        }
    }

    /** Writes the description of a database to a file, which must not exist. */
    public static DescriptionFile write(Describer describer, Path path) throws SQLException, IOException {
        Header pristine = describer.header();
        Map<String, BuiltInRows> builtIn = describer.builtIn(true);
        Map<String, String> digests = new TreeMap<>();
        builtIn.forEach((catalog, rows) -> digests.put(catalog, rows.digest()));
        Header header = pristine.with(digests);
        try (OutputStream file = Files.newOutputStream(path, StandardOpenOption.CREATE_NEW);
                Writer compressed = new OutputStreamWriter(new QuickGzip(file), StandardCharsets.UTF_8);
                JsonWriter json = new JsonWriter(compressed)) {
            json.beginObject().name("descriptionVersion").value(VERSION);
            json.name("postgresqlMajor").value(header.major());
            names(json, "columns", header.columns());
            names(json, "hidden", header.hidden());
            texts(json, "pristine", header.pristine());
            texts(json, "builtIn", header.builtIn());
            json.name("rows").beginArray();
            describer.describe(row -> write(json, row));
            json.endArray();
            json.name("builtInRows").beginObject();
            for (Map.Entry<String, BuiltInRows> each : builtIn.entrySet()) {
                json.name(each.getKey());
                each.getValue().write(json);
            }
            json.endObject().endObject();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        return new DescriptionFile(path, header);
    }

    private static void names(JsonWriter json, String name, Set<String> names) throws IOException {
        json.name(name).beginArray();
        for (String each : new TreeSet<>(names)) {
            json.value(each);
        }
        json.endArray();
    }

    private static void texts(JsonWriter json, String name, Map<String, String> texts) throws IOException {
        json.name(name).beginObject();
        for (Map.Entry<String, String> each : new TreeMap<>(texts).entrySet()) {
            json.name(each.getKey()).value(each.getValue());
        }
        json.endObject();
    }

    private static void write(JsonWriter json, DescribedRow row) {
        try {
            json.beginObject();
            json.name("catalog").value(row.catalog()).name("object").value(row.object());
            if (row.aspect() != null) {
                json.name("aspect").value(row.aspect());
            }
            if (row.partOf() != null) {
                json.name("partOf").value(row.partOf());
            }
            if (row.builtIn()) {
                json.name("builtIn").value(true);
            }
            json.name("objectCatalog").value(row.objectCatalog()).name("oid").value(row.oid());
            if (row.raw() != null) {
                json.name("raw").value(row.raw());
            }
            json.name("properties").jsonValue(row.properties()).endObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Opens an existing description.
     *
     * @throws IOException also when it is not a description, or has an unknown version
     */
    public static DescriptionFile open(Path path) throws IOException {
        try (JsonReader json = reader(path)) {
            return new DescriptionFile(path, header(json));
        }
    }

    /** Writes the document uncompressed. */
    public void copyTo(Writer out) throws IOException {
        try (Reader text = text(path)) {
            text.transferTo(out);
        }
    }

    /**
     * Extracts a description from another document, without holding it in memory.
     *
     * @param document positioned before the description; afterwards positioned after it
     * @param path where to store it; must not exist
     * @throws IOException also when there is no description, or when it has an unknown version
     */
    public static DescriptionFile extract(JsonReader document, Path path) throws IOException {
        try (OutputStream file = Files.newOutputStream(path, StandardOpenOption.CREATE_NEW);
                Writer compressed = new OutputStreamWriter(new QuickGzip(file), StandardCharsets.UTF_8);
                JsonWriter json = new JsonWriter(compressed)) {
            copy(document, json);
        }
        return open(path);
    }

    private static void copy(JsonReader from, JsonWriter to) throws IOException {
        int depth = 0;
        do {
            switch (from.peek()) {
                case BEGIN_OBJECT -> {
                    from.beginObject();
                    to.beginObject();
                    depth++;
                }
                case END_OBJECT -> {
                    from.endObject();
                    to.endObject();
                    depth--;
                }
                case BEGIN_ARRAY -> {
                    from.beginArray();
                    to.beginArray();
                    depth++;
                }
                case END_ARRAY -> {
                    from.endArray();
                    to.endArray();
                    depth--;
                }
                case NAME -> to.name(from.nextName());
                case STRING -> to.value(from.nextString());
                case NUMBER -> to.jsonValue(from.nextString());
                case BOOLEAN -> to.value(from.nextBoolean());
                case NULL -> {
                    from.nextNull();
                    to.nullValue();
                }
                case END_DOCUMENT -> throw new EOFException("It is truncated.");
            }
        } while (depth > 0);
    }

    /**
     * Reads the rows, in the order in which they were written.
     *
     * @param builtIn catalogs whose rows that initdb made are read, too
     */
    void read(Set<String> builtIn, Describer.Rows rows) throws SQLException, IOException {
        try (JsonReader json = reader(path)) {
            header(json);
            json.beginArray();
            while (json.hasNext()) {
                rows.accept(row(json));
            }
            json.endArray();
            if (!builtIn.isEmpty()) {
                readBuiltIn(json, builtIn, rows);
            }
        } catch (IllegalStateException | JsonParseException e) {
            throw new IOException("It is not a description of a database: " + e.getMessage(), e);
        }
    }

    private static void readBuiltIn(JsonReader json, Set<String> catalogs, Describer.Rows rows)
            throws SQLException, IOException {
        while (json.hasNext()) {
            if (!json.nextName().equals("builtInRows")) {
                json.skipValue();
                continue;
            }
            json.beginObject();
            while (json.hasNext()) {
                String catalog = json.nextName();
                if (catalogs.contains(catalog)) {
                    BuiltInRows.read(json, catalog, rows);
                } else {
                    json.skipValue();
                }
            }
            json.endObject();
        }
        json.endObject();
    }

    private static Reader text(Path path) throws IOException {
        return new InputStreamReader(new GZIPInputStream(Files.newInputStream(path)), StandardCharsets.UTF_8);
    }

    private static JsonReader reader(Path path) throws IOException {
        JsonReader json = new JsonReader(text(path));
        json.setStrictness(Strictness.STRICT);
        return json;
    }

    /** Reads up to the array of rows. */
    private static Header header(JsonReader json) throws IOException {
        int major = 0;
        Set<String> columns = Set.of();
        Set<String> hidden = Set.of();
        Map<String, String> pristine = Map.of();
        Map<String, String> builtIn = Map.of();
        json.beginObject();
        while (json.hasNext()) {
            switch (json.nextName()) {
                case "descriptionVersion" -> {
                    String version = json.nextString();
                    if (!version.startsWith("1.")) {
                        throw new IOException("Its version is " + version + "; this plugin reads 1.x.");
                    }
                }
                case "postgresqlMajor" -> major = json.nextInt();
                case "columns" -> columns = Set.copyOf(names(json));
                case "hidden" -> hidden = Set.copyOf(names(json));
                case "pristine" -> pristine = texts(json);
                case "builtIn" -> builtIn = texts(json);
                case "rows" -> {
                    return new Header(major, columns, hidden, pristine, builtIn);
                }
                default -> json.skipValue();
            }
        }
        throw new IOException("It has no member \"rows\".");
    }

    private static List<String> names(JsonReader json) throws IOException {
        List<String> names = new ArrayList<>();
        json.beginArray();
        while (json.hasNext()) {
            names.add(json.nextString());
        }
        json.endArray();
        return names;
    }

    private static Map<String, String> texts(JsonReader json) throws IOException {
        Map<String, String> texts = new TreeMap<>();
        json.beginObject();
        while (json.hasNext()) {
            texts.put(json.nextName(), json.nextString());
        }
        json.endObject();
        return texts;
    }

    private static DescribedRow row(JsonReader json) throws IOException {
        String catalog = "";
        String object = "";
        @Nullable String aspect = null;
        @Nullable String partOf = null;
        boolean builtIn = false;
        long objectCatalog = 0;
        long oid = 0;
        String properties = "{}";
        @Nullable String raw = null;
        json.beginObject();
        while (json.peek() != JsonToken.END_OBJECT) {
            switch (json.nextName()) {
                case "catalog" -> catalog = json.nextString();
                case "object" -> object = json.nextString();
                case "aspect" -> aspect = json.nextString();
                case "partOf" -> partOf = json.nextString();
                case "builtIn" -> builtIn = json.nextBoolean();
                case "objectCatalog" -> objectCatalog = json.nextLong();
                case "oid" -> oid = json.nextLong();
                case "raw" -> raw = json.nextString();
                case "properties" -> properties = JsonParser.parseReader(json).toString();
                default -> json.skipValue();
            }
        }
        json.endObject();
        return new DescribedRow(catalog, object, aspect, partOf, builtIn, objectCatalog, oid, properties, raw);
    }
}
