package io.github.pgbackup.description;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Rows in the form in which they are compared: without nulls. Between two major versions, it omits columns that only one of
 * them has and normalizes values that both express differently.
 */
final class Canonical {

    /** PostgreSQL 17 stores null for the default statistics target; older versions store -1. */
    private static final int DEFAULT_TARGET_IS_NULL = 17;

    /** PostgreSQL 17 has the privilege MAINTAIN, which is among an owner's default privileges. */
    private static final int FIRST_WITH_MAINTAIN = 17;

    private static final Pattern MAINTAIN = Pattern.compile("=([a-zA-Z*]*?)m\\*?([a-zA-Z*]*)/");

    /** Columns that a later major version renamed, with their new names. */
    private static final Map<String, String> RENAMED = Map.of(
            "pg_database.daticulocale", "datlocale",
            "pg_collation.colliculocale", "colllocale");

    /** PostgreSQL 14 changed the argument types of some array functions to these types. */
    private static final Pattern ANY_COMPATIBLE =
            Pattern.compile("\\banycompatible(array|element|multirange|nonarray|range)?\\b");

    private static final Pattern BUILT_IN_FUNCTION = Pattern.compile("([^.(]+)\\(.*\\)", Pattern.DOTALL);

    /** Before 15, a partition's copy of a trigger was marked as internal. */
    private static final int FIRST_WITH_VISIBLE_COPIES_OF_TRIGGERS = 15;

    private static final Set<String> OF_COPIES_OF_TRIGGERS = Set.of("pg_trigger.tgisinternal", "pg_trigger.tgparentid");

    /** Before 15, the locale of an ICU collation was in the column for a libc locale. */
    private static final int FIRST_WITH_ICU_LOCALES = 15;

    private static final String ICU_LOCALE = "colllocale";

    private final DescriptionFile.Header source;
    private final DescriptionFile.Header restored;
    private final boolean sameMajor;
    private final boolean withRoles;
    private final Set<String> common;
    private final Set<String> catalogs = new HashSet<>();

    Canonical(DescriptionFile.Header source, DescriptionFile.Header restored, boolean withRoles) {
        this.source = source;
        this.restored = restored;
        this.sameMajor = source.major() == restored.major();
        this.withRoles = withRoles;
        this.common = new HashSet<>(later(source.columns()));
        common.retainAll(later(restored.columns()));
        common.forEach(column -> catalogs.add(column.substring(0, column.lastIndexOf('.'))));
        if (!sameMajor && source.major() < FIRST_WITH_VISIBLE_COPIES_OF_TRIGGERS) {
            common.removeAll(OF_COPIES_OF_TRIGGERS);
        }
        if (acrossIcuLocales()) {
            common.add("pg_collation." + ICU_LOCALE);
        }
    }

    private boolean acrossIcuLocales() {
        return source.major() < FIRST_WITH_ICU_LOCALES != restored.major() < FIRST_WITH_ICU_LOCALES;
    }

    private static Set<String> later(Set<String> columns) {
        Set<String> names = new HashSet<>(columns);
        RENAMED.forEach((old, name) -> {
            if (names.remove(old)) {
                names.add(old.substring(0, old.indexOf('.') + 1) + name);
            }
        });
        return names;
    }

    /** The rules of this class that apply between two major versions, in words; empty within one. */
    List<String> rules() {
        List<String> rules = new ArrayList<>();
        if (sameMajor) {
            return rules;
        }
        rules.add("Catalog columns that exist in only one of the two major versions are not compared.");
        rules.add(
                "PostgreSQL's own objects differ between major versions; of these, only changed privileges are compared.");
        if (source.major() < FIRST_WITH_MAINTAIN && restored.major() >= FIRST_WITH_MAINTAIN) {
            rules.add("The privilege MAINTAIN, new in PostgreSQL 17, is not compared.");
        }
        return rules;
    }

    /** Whether both descriptions contain rows of the catalog. */
    boolean describes(String catalog) {
        return catalogs.contains(catalog);
    }

    /** The values to compare, by column. */
    Map<String, JsonElement> properties(DescribedRow row) {
        Map<String, JsonElement> properties = new TreeMap<>();
        JsonObject all = JsonParser.parseString(row.properties()).getAsJsonObject();
        for (Map.Entry<String, JsonElement> each : all.entrySet()) {
            String column = RENAMED.getOrDefault(row.catalog() + "." + each.getKey(), each.getKey());
            String name = row.catalog() + "." + column;
            JsonElement value = each.getValue();
            boolean compared = (common.contains(name) || column.equals(Describer.UNREADABLE))
                    && (withRoles || !CatalogRules.isOfRoles(name));
            if (compared && !value.isJsonNull()) {
                JsonElement canonical = sameMajor ? value : ofAnyMajor(name, value);
                if (!canonical.isJsonNull()) {
                    properties.put(column, canonical);
                }
            }
        }
        if (row.catalog().equals("pg_collation") && row.text("collprovider").equals("i") && acrossIcuLocales()) {
            JsonElement locale = properties.remove("collcollate");
            properties.remove("collctype");
            if (locale != null) {
                properties.put(ICU_LOCALE, locale);
            }
        }
        return properties;
    }

    /** Like {@link DescribedRow#identity()}; the set of key words, which are quoted, differs between major versions. */
    String identity(DescribedRow row) {
        return sameMajor ? row.identity() : inAnyMajor(row.identity());
    }

    private static String inAnyMajor(String text) {
        return ANY_COMPATIBLE
                .matcher(CatalogRules.withoutSimpleQuotes(text))
                .replaceAll(match -> match.group(1) == null ? "any" : "any" + match.group(1));
    }

    private static JsonElement inAnyMajor(JsonElement value) {
        if (value.isJsonArray()) {
            JsonArray items = new JsonArray();
            value.getAsJsonArray().forEach(item -> items.add(inAnyMajor(item)));
            return items;
        }
        return value.isJsonPrimitive() && value.getAsJsonPrimitive().isString()
                ? new JsonPrimitive(inAnyMajor(value.getAsString()))
                : value;
    }

    private JsonElement ofAnyMajor(String name, JsonElement original) {
        JsonElement value = inAnyMajor(original);
        if (value.isJsonPrimitive() && name.matches("pg_conversion\\.conproc|pg_aggregate\\.agg\\w*fn")) {
            // Arguments of PostgreSQL's own functions differ between major versions.
            Matcher builtIn = BUILT_IN_FUNCTION.matcher(value.getAsString());
            return builtIn.matches() ? new JsonPrimitive(builtIn.group(1)) : value;
        }
        boolean acrossTargets = source.major() < DEFAULT_TARGET_IS_NULL != restored.major() < DEFAULT_TARGET_IS_NULL;
        if (name.endsWith("stattarget") && acrossTargets && value.equals(new JsonPrimitive(-1))) {
            return JsonNull.INSTANCE;
        }
        if (name.equals("pg_subscription.substream") && value.isJsonPrimitive()) {
            // A boolean before 16.
            return switch (value.getAsString()) {
                case "true" -> new JsonPrimitive("t");
                case "false" -> new JsonPrimitive("f");
                default -> value;
            };
        }
        boolean acrossMaintain = source.major() < FIRST_WITH_MAINTAIN != restored.major() < FIRST_WITH_MAINTAIN;
        if (acrossMaintain && name.endsWith("acl") && value.isJsonArray()) {
            JsonArray grants = new JsonArray();
            value.getAsJsonArray()
                    .forEach(grant ->
                            grants.add(MAINTAIN.matcher(grant.getAsString()).replaceAll("=$1$2/")));
            return grants;
        }
        return value;
    }

    /** 64 bits of the row's values: different rows have equal digests with a probability of 1 in 2^64. */
    static long digest(Map<String, JsonElement> properties) {
        return hash(properties.toString());
    }

    static long hash(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return ByteBuffer.wrap(digest).getLong();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
