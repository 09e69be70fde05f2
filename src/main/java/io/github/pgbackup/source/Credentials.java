package io.github.pgbackup.source;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.Console;
import io.github.pgbackup.Remedy;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.postgresql.jdbcurlresolver.PgPassParser;

/**
 * User and password of a connection. A missing user is taken from the URL, then from the operating system; a missing
 * password from the password file.
 */
public record Credentials(@Nullable String user, @Nullable String password) {

    public static final Credentials NONE = new Credentials(null, null);

    /** {@code PGBACKUP_USER} and {@code PGBACKUP_PASSWORD}; an empty value counts as missing. */
    public static Credentials ofEnvironment(Map<String, String> environment) {
        return new Credentials(
                nonEmpty(environment.get("PGBACKUP_USER")), nonEmpty(environment.get("PGBACKUP_PASSWORD")));
    }

    /** Uses the other credentials for whatever is missing here. */
    public Credentials orElse(Credentials others) {
        return new Credentials(user != null ? user : others.user, password != null ? password : others.password);
    }

    /**
     * Adds the password from the password file that libpq and pgjdbc share: {@code PGPASSFILE}, else {@code ~/.pgpass},
     * on Windows {@code %APPDATA%\postgresql\pgpass.conf} (manual, "The Password File"). Warns when others can read the
     * file, because libpq would ignore it.
     *
     * @return these credentials when they already hold a password or the file has none
     * @throws CannotVerifyException when the file holds different passwords for the hosts of the URL: which one is
     *     needed is not known before a host answers
     */
    Credentials withPasswordFile(JdbcUrl url, Console console) {
        if (password != null) {
            return this;
        }
        String role = url.user(this);
        Map<JdbcUrl.Host, String> found = new LinkedHashMap<>();
        for (JdbcUrl.Host host : url.hosts()) {
            String line = PgPassParser.getPassword(host.libpqName(), "" + host.port(), url.database(this), role);
            if (line != null && !line.isEmpty()) {
                found.put(host, line);
            }
        }
        if (found.isEmpty()) {
            return this;
        }
        if (Set.copyOf(found.values()).size() > 1) {
            throw new CannotVerifyException(
                    "The password file holds different passwords for the hosts "
                            + found.keySet() + " of " + url.tag()
                            + ", and it is not known in advance which host will answer.",
                    Remedy.nameOneHostOrGiveThePassword(url.element().child("serverId")));
        }
        warnWhenOthersCanRead(passwordFile(), console);
        return new Credentials(user, found.values().iterator().next());
    }

    /** Searches in the same order as {@link PgPassParser}, which only returns the password. */
    private static Path passwordFile() {
        String appData = System.getenv("APPDATA");
        return Stream.of(System.getProperty("org.postgresql.pgpassfile"), System.getenv("PGPASSFILE"))
                .filter(file -> file != null && !file.isBlank())
                .findFirst()
                .map(Path::of)
                .orElseGet(() -> File.separatorChar == '\\' && appData != null
                        ? Path.of(appData, "postgresql", "pgpass.conf")
                        : Path.of(System.getProperty("user.home"), ".pgpass"));
    }

    private static void warnWhenOthersCanRead(Path file, Console console) {
        try {
            Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file);
            if (permissions.contains(PosixFilePermission.GROUP_READ)
                    || permissions.contains(PosixFilePermission.OTHERS_READ)) {
                console.warn("The password file " + file + " can be read by others, so PostgreSQL's own programs would"
                        + " ignore it. Its password is used here; run `chmod 0600 " + file + "`.");
            }
        } catch (IOException | UnsupportedOperationException noPosixPermissions) {
            console.debug("The permissions of the password file cannot be read: " + noPosixPermissions);
        }
    }

    private static @Nullable String nonEmpty(@Nullable String value) {
        return value == null || value.isEmpty() ? null : value;
    }

    /** Omits the password. */
    @Override
    public String toString() {
        return "Credentials[user=" + user + ", password=" + (password == null ? "none" : "hidden") + "]";
    }
}
