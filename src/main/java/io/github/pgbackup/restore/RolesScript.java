package io.github.pgbackup.restore;

import io.github.pgbackup.archive.Entry;
import io.github.pgbackup.archive.SqlTokens;
import io.github.pgbackup.archive.SqlTokens.Token;
import io.github.pgbackup.archive.TableOfContents;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Roles from a script, or from an archive that names them. A script is parsed and never run: only names, attributes and
 * memberships reach a server.
 */
public final class RolesScript {

    /** Key words that precede a role's name in the definition of an entry. */
    private static final Set<String> BEFORE_A_ROLE = Set.of("TO", "FROM", "BY", "AUTHORIZATION", "ROLE", "FOR");

    private static final Set<String> NAMES_ROLES =
            Set.of("ACL", "DEFAULT ACL", "POLICY", "USER MAPPING", "DATABASE PROPERTIES");

    /** Kinds of objects that only a superuser can own. */
    private static final Set<String> OF_SUPERUSERS = Set.of("EVENT TRIGGER", "FOREIGN DATA WRAPPER");

    private RolesScript() {}

    /** The attributes of a role in CREATE ROLE and ALTER ROLE. */
    private static final class Attributes {
        private boolean superuser;
        private boolean inherit = true;
        private boolean createRole;
        private boolean createDatabase;
        private boolean login;
        private boolean replication;
        private boolean bypassRowSecurity;
        private final List<Role.Membership> memberOf = new ArrayList<>();

        void read(String option) {
            boolean yes = !option.startsWith("NO");
            switch (yes ? option : option.substring(2)) {
                case "SUPERUSER" -> superuser = yes;
                case "INHERIT" -> inherit = yes;
                case "CREATEROLE" -> createRole = yes;
                case "CREATEDB" -> createDatabase = yes;
                case "LOGIN" -> login = yes;
                case "REPLICATION" -> replication = yes;
                case "BYPASSRLS" -> bypassRowSecurity = yes;
                default -> {
                    // A password, a limit, a date: nobody can log in on the throw-away server with these roles.
                }
            }
        }

        Role role(String name) {
            return new Role(
                    name,
                    false,
                    superuser,
                    inherit,
                    createRole,
                    createDatabase,
                    login,
                    replication,
                    bypassRowSecurity,
                    -1,
                    null,
                    memberOf);
        }
    }

    /**
     * Parses the output of {@code pg_dumpall --globals-only} or {@code --roles-only}.
     *
     * @return the roles; empty when the script creates none
     */
    public static List<Role> read(String script) {
        String sql = script.lines().filter(line -> !line.startsWith("\\")).collect(Collectors.joining("\n"));
        Map<String, Attributes> roles = new LinkedHashMap<>();
        List<Token> statement = new ArrayList<>();
        for (Token token : SqlTokens.of(sql)) {
            if (token.is(";")) {
                read(statement, roles);
                statement.clear();
            } else {
                statement.add(token);
            }
        }
        return roles(roles);
    }

    private static List<Role> roles(Map<String, Attributes> roles) {
        return roles.entrySet().stream()
                .map(each -> each.getValue().role(each.getKey()))
                .toList();
    }

    private static void read(List<Token> statement, Map<String, Attributes> roles) {
        if (statement.size() < 3) {
            return;
        }
        String command = word(statement, 0) + " " + word(statement, 1);
        boolean creates = Set.of("CREATE ROLE", "CREATE USER").contains(command);
        boolean alters = Set.of("ALTER ROLE", "ALTER USER").contains(command);
        if (creates || alters && !Set.of("SET", "RESET", "IN", "RENAME").contains(word(statement, 3))) {
            Attributes attributes = roles.computeIfAbsent(name(statement.get(2)), name -> new Attributes());
            attributes.login |= command.equals("CREATE USER");
            for (int i = 3; i < statement.size(); i++) {
                attributes.read(word(statement, i));
            }
        } else if (word(statement, 0).equals("GRANT")) {
            grant(statement, roles);
        }
    }

    /** GRANT of a role to a role; a GRANT of privileges contains ON. */
    private static void grant(List<Token> statement, Map<String, Attributes> roles) {
        if (statement.size() < 4 || !word(statement, 2).equals("TO")) {
            return;
        }
        String options = statement.stream()
                .skip(4)
                .map(token -> token.text().toUpperCase(Locale.ROOT))
                .collect(Collectors.joining(" "));
        Attributes member = roles.computeIfAbsent(name(statement.get(3)), name -> new Attributes());
        member.memberOf.add(new Role.Membership(
                name(statement.get(1)),
                options.contains("ADMIN OPTION") || options.contains("ADMIN TRUE"),
                option(options, "INHERIT"),
                option(options, "SET")));
    }

    private static @Nullable Boolean option(String options, String name) {
        if (options.contains(name + " TRUE")) {
            return true;
        }
        return options.contains(name + " FALSE") ? Boolean.FALSE : null;
    }

    private static String word(List<Token> statement, int index) {
        return index < statement.size() && statement.get(index).kind() == SqlTokens.Kind.WORD
                ? statement.get(index).text().toUpperCase(Locale.ROOT)
                : "";
    }

    private static String name(Token token) {
        return token.kind() == SqlTokens.Kind.WORD ? token.text().toLowerCase(Locale.ROOT) : token.identifier();
    }

    /**
     * The roles that an archive names: owners, grantees and roles in policies. The archive does not contain their
     * attributes or memberships.
     */
    public static List<Role> namedBy(TableOfContents archive) {
        Map<String, Attributes> roles = new TreeMap<>();
        for (Entry entry : archive.entries()) {
            if (!entry.owner().isEmpty()) {
                Attributes owner = roles.computeIfAbsent(entry.owner(), name -> new Attributes());
                owner.superuser |= OF_SUPERUSERS.contains(entry.description());
            }
            if (NAMES_ROLES.contains(entry.description())) {
                named(SqlTokens.of(entry.definition()))
                        .forEach(name -> roles.computeIfAbsent(name, none -> new Attributes()));
            }
        }
        roles.remove("public");
        return roles(roles);
    }

    private static List<String> named(List<Token> definition) {
        List<String> names = new ArrayList<>();
        int depth = 0;
        for (int i = 1; i < definition.size(); i++) {
            Token before = definition.get(i - 1);
            depth += before.is("(") ? 1 : before.is(")") ? -1 : 0;
            if (depth == 0 && BEFORE_A_ROLE.stream().anyMatch(before::is)) {
                int at = i;
                while (at < definition.size() && isName(definition.get(at))) {
                    names.add(definition.get(at).identifier());
                    boolean more =
                            at + 1 < definition.size() && definition.get(at + 1).is(",");
                    at = more ? at + 2 : definition.size();
                }
            }
        }
        return names;
    }

    /** pg_dump writes key words in upper case, and quotes a name that is not in lower case. */
    private static boolean isName(Token token) {
        return token.isIdentifier()
                && (token.kind() == SqlTokens.Kind.QUOTED_IDENTIFIER
                        || token.text().equals(token.text().toLowerCase(Locale.ROOT)));
    }
}
