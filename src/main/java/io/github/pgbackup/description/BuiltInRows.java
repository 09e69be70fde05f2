package io.github.pgbackup.description;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonWriter;
import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a catalog that initdb made and that are not pristine. Two servers of a major version usually have the same, so a
 * description has them as the server renders them, and they are taken apart only if their digests differ.
 *
 * @param digest SHA-256 of all rows, which are sorted
 * @param columns the properties
 * @param rows a JSON array per row, separated by commas, as {@link CatalogQuery.BuiltInText} has them; empty if only the digest
 *     was read
 */
record BuiltInRows(String digest, List<String> columns, String rows) {

    /** The cells of a row before the values of its properties. */
    private static final int OWN_CELLS = 9;

    BuiltInRows {
        columns = List.copyOf(columns);
    }

    void write(JsonWriter json) throws IOException {
        json.beginObject().name("columns").beginArray();
        for (String column : columns) {
            json.value(column);
        }
        json.endArray().name("rows").jsonValue("[" + rows + "]").endObject();
    }

    /** Reads what {@link #write} has written. */
    static void read(JsonReader json, String catalog, Describer.Rows rows) throws SQLException, IOException {
        List<String> columns = new ArrayList<>();
        json.beginObject();
        while (json.hasNext()) {
            switch (json.nextName()) {
                case "columns" -> {
                    json.beginArray();
                    while (json.hasNext()) {
                        columns.add(json.nextString());
                    }
                    json.endArray();
                }
                case "rows" -> {
                    json.beginArray();
                    while (json.hasNext()) {
                        rows.accept(row(
                                catalog, columns, JsonParser.parseReader(json).getAsJsonArray()));
                    }
                    json.endArray();
                }
                default -> json.skipValue();
            }
        }
        json.endObject();
    }

    private static DescribedRow row(String catalog, List<String> columns, JsonArray cells) {
        JsonObject properties = new JsonObject();
        for (int i = 0; i < columns.size(); i++) {
            properties.add(columns.get(i), cells.get(OWN_CELLS + i));
        }
        String object = Stream.of(cells.get(0), cells.get(1), cells.get(2))
                .map(BuiltInRows::text)
                .filter(Objects::nonNull)
                .collect(Collectors.joining(" "));
        return new DescribedRow(
                catalog,
                object,
                text(cells.get(3)),
                text(cells.get(4)),
                cells.get(5).getAsBoolean(),
                cells.get(6).getAsLong(),
                cells.get(7).getAsLong(),
                properties.toString(),
                text(cells.get(8)));
    }

    private static @Nullable String text(JsonElement cell) {
        return cell.isJsonNull() ? null : cell.getAsString();
    }
}
