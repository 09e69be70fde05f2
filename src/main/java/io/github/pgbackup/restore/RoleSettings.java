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
 * The settings that {@code ALTER ROLE … SET} gave to the roles of a server. They belong to the server, so pg_dump omits
 * them; an archive contains only those of {@code ALTER ROLE … IN DATABASE … SET}. They can contain secrets, so no file
 * of the evidence contains them.
 *
 * @param ofRoles the settings of each role that has any, in the form that follows SET
 */
public record RoleSettings(Map<String, List<String>> ofRoles) {

    /** No settings: the roles have none, or the server was not queried. */
    public static final RoleSettings NONE = new RoleSettings(Map.of());

    /** Parameters whose values are lists of names in double quotes, as in pg_dump's variable_is_guc_list_quote. */
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

    /** Reads the settings from a server; any role may read them. */
    public static RoleSettings of(Session session) throws SQLException {
        Map<String, List<String>> found = new LinkedHashMap<>();
        session.list(
                "select rolname, setting from pg_catalog.pg_roles,"
                        + " pg_catalog.unnest(rolconfig) with ordinality as s (setting, place) order by rolname, place",
                row -> found.computeIfAbsent(row.getString(1), role -> new ArrayList<>())
                        .add(sql(row.getString(2))));
        return new RoleSettings(found);
    }

    /** Parses the output of {@code pg_dumpall --globals-only} or {@code --roles-only}. */
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

    /**
     * Whether a statement has the form {@code ALTER ROLE name SET parameter TO value, value}, and nothing but values.
     */
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

    /** The statements that give the settings to a role of the same name on another server. */
    public List<String> statements(String role) {
        return ofRoles.getOrDefault(role, List.of()).stream()
                .map(setting -> "ALTER ROLE " + QualifiedName.quote(role) + " SET " + setting)
                .toList();
    }

    /** Converts {@code parameter=value}, the form in the catalog, to SQL. */
    private static String sql(String setting) {
        String parameter = setting.substring(0, setting.indexOf('='));
        String value = setting.substring(parameter.length() + 1);
        List<String> values = LISTS.contains(parameter) ? names(value) : List.of(value);
        // An empty list becomes one empty value.
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
