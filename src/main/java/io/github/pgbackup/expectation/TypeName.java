package io.github.pgbackup.expectation;

import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A type's name in the spelling of {@code format_type()} (PostgreSQL manual, table 8.1: names and aliases), so that
 * {@code varchar(20)} and {@code character varying(20)} are the same.
 */
record TypeName(String name, String modifier, String rest, String array) {

    private static final Pattern PARTS = Pattern.compile(
            "(?<name>[^(\\[]+?)\\s*(?<modifier>\\([^)]*\\))?\\s*(?<rest>(with|without) time zone)?\\s*(?<array>(\\[\\d*\\]\\s*)*)",
            Pattern.CASE_INSENSITIVE);

    private static final Map<String, String> ALIASES = Map.ofEntries(
            Map.entry("int", "integer"),
            Map.entry("int4", "integer"),
            Map.entry("serial", "integer"),
            Map.entry("int8", "bigint"),
            Map.entry("bigserial", "bigint"),
            Map.entry("int2", "smallint"),
            Map.entry("smallserial", "smallint"),
            Map.entry("float", "double precision"),
            Map.entry("dec", "numeric"),
            Map.entry("float8", "double precision"),
            Map.entry("float4", "real"),
            Map.entry("decimal", "numeric"),
            Map.entry("bool", "boolean"),
            Map.entry("varchar", "character varying"),
            Map.entry("char", "character"),
            Map.entry("varbit", "bit varying"));

    static TypeName of(String text) {
        Matcher matcher = PARTS.matcher(text.strip());
        if (!matcher.matches()) {
            return new TypeName(text.strip(), "", "", "");
        }
        String name = matcher.group("name").strip();
        if (!name.contains("\"")) {
            name = name.replaceAll("\\s+", " ").toLowerCase(Locale.ROOT);
        }
        name = name.startsWith("pg_catalog.") ? name.substring("pg_catalog.".length()) : name;
        String modifier = or(matcher.group("modifier")).replace(" ", "");
        String rest = or(matcher.group("rest")).toLowerCase(Locale.ROOT);
        String array = or(matcher.group("array")).replaceAll("\\d|\\s", "");
        if (name.equals("timestamptz") || name.equals("timetz")) {
            name = name.substring(0, name.length() - 2);
            rest = "with time zone";
        } else if (rest.isEmpty() && (name.equals("timestamp") || name.equals("time"))) {
            rest = "without time zone";
        }
        name = ALIASES.getOrDefault(name, name);
        if (name.equals("bpchar") && !modifier.isEmpty()) {
            // Without a length, it is a separate type.
            name = "character";
        }
        if (modifier.isEmpty() && (name.equals("character") || name.equals("bit"))) {
            modifier = "(1)";
        }
        return new TypeName(name, modifier, rest, array.isEmpty() ? "" : "[]");
    }

    /** Whether the actual type is this one; a name without a schema matches that name in any schema. */
    boolean matches(TypeName actual) {
        boolean sameName = name.equals(actual.name) || !name.contains(".") && actual.name.endsWith("." + name);
        return sameName && modifier.equals(actual.modifier) && rest.equals(actual.rest) && array.equals(actual.array);
    }

    private static String or(String group) {
        return group == null ? "" : group;
    }
}
