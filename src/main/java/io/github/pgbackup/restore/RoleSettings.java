package io.github.pgbackup.restore;

import io.github.pgbackup.archive.SqlTokens;
import io.github.pgbackup.archive.SqlTokens.Kind;
import io.github.pgbackup.archive.SqlTokens.Token;
import io.github.pgbackup.postgres.QualifiedName;
import io.github.pgbackup.postgres.Session;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What {@code ALTER ROLE … SET} gave to the roles of a server. They belong to the server, so pg_dump leaves them out; those of
 * {@code ALTER ROLE … IN DATABASE … SET} are in the archive. They can hold secrets, so they are in no file of the evidence.
 *
 * @param ofRoles for each role that has some, each setting as it follows SET
 */
public record RoleSettings(Map<String, List<String>> ofRoles) {

    /** Of a server whose roles have none, or that nobody asked. */
    public static final RoleSettings NONE = new RoleSettings(Map.of());

    /** Their values are lists of names in double quotes; pg_dump's variable_is_guc_list_quote has the same list. */
    private static final Set<String> LISTS = Set.of(
            "local_preload_libraries",
            "search_path",
            "session_preload_libraries",
            "shared_preload_libraries",
            "temp_tablespaces",
            "unix_socket_directories");

    public RoleSettings {
        ofRoles = Map.copyOf(ofRoles);
    }

    /** Those of a server; any role may read them. */
    public static RoleSettings of(Session session) throws SQLException {
        Map<String, List<String>> found = new LinkedHashMap<>();
        session.list(
                "select rolname, setting from pg_catalog.pg_roles,"
                        + " pg_catalog.unnest(rolconfig) with ordinality as s (setting, place) order by rolname, place",
                row -> found.computeIfAbsent(row.getString(1), role -> new ArrayList<>())
                        .add(sql(row.getString(2))));
        return new RoleSettings(found);
    }

    /** Those that {@code pg_dumpall --globals-only} or {@code --roles-only} wrote. */
    public static RoleSettings read(String script) {
        String sql = script.lines().filter(line -> !line.startsWith("\\")).collect(Collectors.joining("\n"));
        Map<String, List<String>> found = new LinkedHashMap<>();
        List<Token> statement = new ArrayList<>();
        for (Token token : SqlTokens.of(sql)) {
            if (!token.is(";")) {
                statement.add(token);
                continue;
            }
            if (isSetting(statement)) {
                found.computeIfAbsent(name(statement.get(2)), role -> new ArrayList<>())
                        .add(statement.stream().skip(4).map(Token::text).collect(Collectors.joining(" ")));
            }
            statement.clear();
        }
        return new RoleSettings(found);
    }

    /** {@code ALTER ROLE name SET parameter TO value, value}, and nothing that is more than values. */
    private static boolean isSetting(List<Token> statement) {
        return statement.size() > 6
                && word(statement.get(0)).equals("ALTER")
                && Set.of("ROLE", "USER").contains(word(statement.get(1)))
                && statement.get(2).isIdentifier()
                && word(statement.get(3)).equals("SET")
                && statement.get(4).isIdentifier()
                && (word(statement.get(5)).equals("TO") || statement.get(5).is("="))
                && statement.stream().skip(6).allMatch(token -> token.kind() != Kind.SYMBOL || token.is(","));
    }

    private static String word(Token token) {
        return token.kind() == Kind.WORD ? token.text().toUpperCase(Locale.ROOT) : "";
    }

    private static String name(Token token) {
        return token.kind() == Kind.WORD ? token.text().toLowerCase(Locale.ROOT) : token.identifier();
    }

    /** What gives a role of another server its settings. */
    public List<String> statements(String role) {
        return ofRoles.getOrDefault(role, List.of()).stream()
                .map(setting -> "ALTER ROLE " + QualifiedName.quote(role) + " SET " + setting)
                .toList();
    }

    /** From {@code parameter=value}, as the catalog has it. */
    private static String sql(String setting) {
        String parameter = setting.substring(0, setting.indexOf('='));
        String value = setting.substring(parameter.length() + 1);
        List<String> values = LISTS.contains(parameter) ? names(value) : List.of(value);
        // Of an empty list one value is left, which is empty.
        return QualifiedName.quote(parameter) + " TO "
                + (values.isEmpty()
                        ? "''"
                        : values.stream().map(RoleSettings::literal).collect(Collectors.joining(", ")));
    }

    private static List<String> names(String list) {
        return SqlTokens.of(list).stream()
                .filter(token -> token.kind() != Kind.SYMBOL || !token.is(","))
                .map(Token::identifier)
                .toList();
    }

    private static String literal(String value) {
        return value.indexOf('\\') < 0
                ? "'" + value.replace("'", "''") + "'"
                : "E'" + value.replace("\\", "\\\\").replace("'", "''") + "'";
    }
}
