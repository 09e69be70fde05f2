package io.github.pgbackup.source;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.Remedy;
import io.github.pgbackup.Setting;
import io.github.pgbackup.postgres.PostgresVersion;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;
import org.postgresql.PGProperty;
import org.postgresql.jdbc.SslMode;
import org.postgresql.util.PGPropertyUtil;
import org.postgresql.util.PSQLException;

/**
 * A JDBC URL for pgjdbc, parsed by the driver's own parser, that can be passed to pg_dump with the same meaning.
 * Anything that cannot be passed on is a problem. So is a parameter that the driver does not know, because the driver
 * would silently ignore it.
 */
public final class JdbcUrl {

    private static final String PREFIX = "jdbc:postgresql:";
    private static final String EXAMPLE = "Write jdbc:postgresql://host:port/database.";

    /** libpq supports PGREQUIREAUTH since 16 and PGSSLNEGOTIATION since 17; older versions silently ignore them. */
    private static final Map<String, Integer> SINCE_LIBPQ = Map.of("PGREQUIREAUTH", 16, "PGSSLNEGOTIATION", 17);

    private static final Set<SslMode> VERIFYING = Set.of(SslMode.VERIFY_CA, SslMode.VERIFY_FULL);

    private final Element element;
    private final Properties properties;
    private final Optional<String> container;
    private final List<Host> hosts;

    /**
     * One of the URL's hosts.
     *
     * @param name in pgjdbc's form: an IPv6 address is in brackets
     */
    public record Host(String name, int port) {

        @Override
        public String toString() {
            return name + ":" + port;
        }

        /** The name in libpq's form: an IPv6 address has no brackets. */
        String libpqName() {
            return name.startsWith("[") && name.endsWith("]") ? name.substring(1, name.length() - 1) : name;
        }
    }

    private JdbcUrl(Element element, Properties properties, Optional<String> container) {
        this.element = element;
        this.properties = properties;
        this.container = container;
        String[] names = property(PGProperty.PG_HOST).orElse("").split(",", -1);
        String[] ports = property(PGProperty.PG_PORT).orElse("").split(",", -1);
        this.hosts = IntStream.range(0, names.length)
                .mapToObj(i -> new Host(names[i].isEmpty() ? "localhost" : names[i], Integer.parseInt(ports[i])))
                .toList();
    }

    /**
     * Parses a URL.
     *
     * @throws IllegalArgumentException when it has {@link #problems}; the message lists all of them
     */
    public static JdbcUrl parse(String url, Element element) {
        List<String> problems = problems(url, element);
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(String.join("\n", problems));
        }
        return new JdbcUrl(element, properties(url).orElseThrow(), Optional.empty());
    }

    /**
     * A database of a server in a container, reached through the container's loopback interface.
     *
     * @param container its name or id
     * @param user null for the user of the credentials, or else the one that the container was set up with
     */
    public static JdbcUrl inContainer(String container, String database, @Nullable String user, Element element) {
        Properties properties = new Properties();
        PGProperty.PG_HOST.set(properties, "127.0.0.1");
        PGProperty.PG_PORT.set(properties, "5432");
        PGProperty.PG_DBNAME.set(properties, database);
        PGProperty.USER.set(properties, user);
        PGProperty.SSL_MODE.set(properties, SslMode.DISABLE.value);
        PGProperty.GSS_ENC_MODE.set(properties, "disable");
        return new JdbcUrl(element, properties, Optional.of(container));
    }

    /** The container that the server runs in; empty when the server is reached over a network. */
    public Optional<String> container() {
        return container;
    }

    /** The user in the URL. */
    Optional<String> user() {
        return property(PGProperty.USER);
    }

    /** The tag, with its property, that says where the server is. */
    public String tag() {
        return element.child(container.isPresent() ? "container" : "url");
    }

    /** The address of the server, for a message; it contains no secret. */
    public String servers() {
        return container
                .map(name -> "container " + name)
                .orElseGet(() ->
                        String.join(", ", hosts.stream().map(Host::toString).toList()));
    }

    /** The problems of the URL, each a sentence with its remedy; none repeats a value that may be a secret. */
    public static List<String> problems(String url, Element element) {
        String tag = element.child("url");
        if (!url.startsWith(PREFIX)) {
            return List.of(tag + " does not start with " + PREFIX + ". " + EXAMPLE);
        }
        int query = url.indexOf('?');
        String server = url.substring(PREFIX.length(), query < 0 ? url.length() : query);
        List<String> problems = new ArrayList<>();
        serverProblem(server).ifPresent(problem -> problems.add(tag + " " + problem));
        if (query >= 0) {
            Stream.of(url.substring(query + 1).split("&", -1))
                    .filter(parameter -> !parameter.isEmpty())
                    .flatMap(parameter -> parameterProblem(parameter).stream())
                    .forEach(problem -> problems.add(tag + ": " + problem));
        }
        if (problems.isEmpty()) {
            // The driver logs and prints the whole URL when it cannot parse it, so it gets only what passed the checks
            // above.
            properties(url)
                    .ifPresentOrElse(
                            properties ->
                                    valueProblems(properties).forEach(problem -> problems.add(tag + ": " + problem)),
                            () -> problems.add(tag + " cannot be read by the PostgreSQL JDBC driver. " + EXAMPLE));
        }
        return List.copyOf(problems);
    }

    private static Optional<String> serverProblem(String server) {
        if (server.contains("@")) {
            return Optional.of(
                    "contains an @ before the database name: the driver does not accept a user or password there. "
                            + "Provide them by " + Setting.SERVER_ID + ", PGBACKUP_USER and PGBACKUP_PASSWORD.");
        }
        if (server.contains("%") && !server.matches("(?:[^%]|%\\p{XDigit}{2})*")) {
            return Optional.of(
                    "contains a % that is not followed by two hexadecimal digits. Write %25 for a percent sign.");
        }
        if (!server.startsWith("//")) {
            return server.startsWith("/")
                    ? Optional.of("has one slash where two are expected. " + EXAMPLE)
                    : Optional.empty();
        }
        String authority = server.substring(2);
        if (authority.isEmpty() || authority.equals("/")) {
            return Optional.empty();
        }
        long slashes = authority.chars().filter(c -> c == '/').count();
        if (slashes != 1) {
            return Optional.of(
                    slashes == 0
                            ? "has no slash after the host, so the driver can't parse it. " + EXAMPLE
                            : "has a slash in the database's name. Write it as %2F.");
        }
        for (String address : authority.substring(0, authority.indexOf('/')).split(",", -1)) {
            int colon = address.lastIndexOf(':');
            if (colon > address.lastIndexOf(']') && !isPort(address.substring(colon + 1))) {
                return Optional.of("has a port that is not a number from 1 to 65535. " + EXAMPLE);
            }
        }
        return Optional.empty();
    }

    private static boolean isPort(String text) {
        return text.matches("\\d{1,5}") && Integer.parseInt(text) >= 1 && Integer.parseInt(text) <= 65535;
    }

    private static Optional<String> parameterProblem(String parameter) {
        int equals = parameter.indexOf('=');
        String written = equals < 0 ? parameter : parameter.substring(0, equals);
        String value = equals < 0 ? "" : parameter.substring(equals + 1);
        PGProperty property = PGProperty.forName(PGPropertyUtil.translatePGServiceToPGProperty(written));
        if (property == null) {
            return Optional.of(
                    "`" + written + "` is not a parameter of the PostgreSQL JDBC driver, which would ignore it."
                            + nearest(written)
                                    .map(name -> " Did you mean " + name + "?")
                                    .orElse(" Remove it."));
        }
        if (ConnectionProperty.ALL.get(property) instanceof ConnectionProperty.Refused refused) {
            return Optional.of("`" + written + "` " + refused.why() + ". " + refused.remedy());
        }
        if (!value.matches("(?:[^%]|%\\p{XDigit}{2})*")) {
            return Optional.of("`" + written
                    + "` contains a % that is not followed by two hexadecimal digits. Write %25 for a percent sign.");
        }
        if (value.isEmpty()
                && property != PGProperty.SSL
                && ConnectionProperty.ALL.get(property) instanceof ConnectionProperty.Translated) {
            return Optional.of("`" + written + "` has no value. Give it one or remove it.");
        }
        return Optional.empty();
    }

    /** Parses a URL without {@link #problems}. */
    private static Optional<Properties> properties(String url) {
        Properties properties = Driver.parseURL(url, null);
        if (properties == null) {
            return Optional.empty();
        }
        // The driver has already searched the password file, but with a user that may not be the final one.
        properties.remove(PGProperty.PASSWORD.getName());
        return Optional.of(properties);
    }

    private static List<String> valueProblems(Properties properties) {
        List<String> problems = new ArrayList<>();
        for (String host : PGProperty.PG_HOST.getOrDefault(properties).split(",", -1)) {
            if (host.startsWith("/") || host.startsWith("%") || host.startsWith("@")) {
                problems.add("the host is the path of a Unix socket, which the driver can't use. Name a TCP host.");
            }
        }
        for (PGProperty property : PGProperty.values()) {
            String value = properties.getProperty(property.getName());
            String[] choices = property.getChoices();
            if (value != null
                    && choices != null
                    && ConnectionProperty.ALL.get(property) instanceof ConnectionProperty.Translated
                    && property != PGProperty.REQUIRE_AUTH
                    && Stream.of(choices).noneMatch(value::equalsIgnoreCase)) {
                problems.add("`" + property.getName() + "` is `" + value + "`; expected one of "
                        + String.join(", ", choices) + ".");
            }
        }
        for (PGProperty timeout : List.of(PGProperty.CONNECT_TIMEOUT, PGProperty.LOGIN_TIMEOUT)) {
            String seconds = properties.getProperty(timeout.getName());
            if (seconds != null && !seconds.matches("\\d{1,6}")) {
                problems.add("`" + timeout.getName() + "` is `" + seconds + "`, expected a number of seconds.");
            }
        }
        String key = properties.getProperty(PGProperty.SSL_KEY.getName(), "").toLowerCase(Locale.ROOT);
        if (key.endsWith(".p12") || key.endsWith(".pfx")) {
            problems.add("`sslkey` is a PKCS #12 file, which pg_dump can't read. Convert it with `openssl pkcs12`"
                    + " to a certificate and a key in PEM form and name them in sslcert and sslkey.");
        }
        return problems;
    }

    /** The nearest name: it differs in case, or by at most two edits. */
    private static Optional<String> nearest(String written) {
        record Candidate(String name, int distance) {}
        return Arrays.stream(PGProperty.values())
                .map(property -> new Candidate(
                        property.getName(),
                        distance(
                                written.toLowerCase(Locale.ROOT),
                                property.getName().toLowerCase(Locale.ROOT))))
                .filter(candidate -> candidate.distance() <= 2)
                .min(Comparator.comparingInt(Candidate::distance))
                .map(Candidate::name);
    }

    /** The Levenshtein distance. */
    private static int distance(String a, String b) {
        int[] previous = IntStream.rangeClosed(0, b.length()).toArray();
        for (int i = 1; i <= a.length(); i++) {
            int[] current = new int[b.length() + 1];
            current[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int substitution = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                current[j] = Math.min(substitution, 1 + Math.min(previous[j], current[j - 1]));
            }
            previous = current;
        }
        return previous[b.length()];
    }

    /** The hosts, in the order of the URL; the driver chooses one of them. */
    public List<Host> hosts() {
        return hosts;
    }

    /** The user of the credentials, else of the URL, else of the operating system, as in pgjdbc. */
    public String user(Credentials credentials) {
        String user = credentials.user();
        return user != null ? user : property(PGProperty.USER).orElseGet(() -> System.getProperty("user.name"));
    }

    /** The database in the URL, or else one with the user's name. */
    public String database(Credentials credentials) {
        return namedDatabase().orElseGet(() -> user(credentials));
    }

    /** The database in the URL; empty when the URL names none, which means the database with the user's name. */
    public Optional<String> namedDatabase() {
        return property(PGProperty.PG_DBNAME).filter(database -> !database.isEmpty());
    }

    public Element element() {
        return element;
    }

    /** The properties for a JDBC connection to this URL, except those that the plugin sets itself. */
    Properties driverProperties(Credentials credentials) {
        Properties driver = new Properties();
        ConnectionProperty.ALL.forEach((property, meaning) -> {
            if (meaning instanceof ConnectionProperty.Translated || meaning instanceof ConnectionProperty.DriverOnly) {
                property(property).ifPresent(value -> driver.setProperty(property.getName(), value));
            }
        });
        driver.remove(PGProperty.PG_HOST.getName());
        driver.remove(PGProperty.PG_PORT.getName());
        driver.remove(PGProperty.SSL.getName());
        driver.setProperty(PGProperty.SSL_MODE.getName(), sslMode().value);
        driver.setProperty(PGProperty.PG_DBNAME.getName(), database(credentials));
        driver.setProperty(PGProperty.USER.getName(), user(credentials));
        // An empty password keeps the driver from searching the password file again.
        driver.setProperty(
                PGProperty.PASSWORD.getName(),
                Optional.ofNullable(credentials.password()).orElse(""));
        return driver;
    }

    /**
     * The environment variables that make libpq connect as this URL says (manual, "Environment Variables").
     *
     * @param host the host that the driver chose
     * @param client the version of the program that will read them
     * @throws CannotVerifyException when that program is too old for an option of the URL
     */
    Map<String, String> libpqEnvironment(Host host, Credentials credentials, PostgresVersion client) {
        Map<String, String> environment = new LinkedHashMap<>();
        environment.put("PGHOST", host.libpqName());
        environment.put("PGPORT", "" + host.port());
        environment.put("PGDATABASE", database(credentials));
        environment.put("PGUSER", user(credentials));
        String password = credentials.password();
        if (password != null) {
            environment.put("PGPASSWORD", password);
        }
        environment.put("PGSSLMODE", sslMode().value);
        Optional<Path> rootCertificate = rootCertificate();
        rootCertificate.ifPresent(file -> environment.put("PGSSLROOTCERT", "" + file));
        file(PGProperty.SSL_CERT).ifPresent(file -> environment.put("PGSSLCERT", "" + file));
        file(PGProperty.SSL_KEY)
                .or(() -> Optional.of(defaultFile("postgresql.pk8"))
                        .filter(key -> sslMode() != SslMode.DISABLE && Files.exists(key)))
                .ifPresent(file -> environment.put("PGSSLKEY", "" + file));
        property(PGProperty.SSL_NEGOTIATION)
                .filter(negotiation -> !negotiation.equalsIgnoreCase("postgres"))
                .ifPresent(negotiation -> environment.put("PGSSLNEGOTIATION", negotiation.toLowerCase(Locale.ROOT)));
        environment.put("PGGSSENCMODE", gssEncMode());
        property(PGProperty.KERBEROS_SERVER_NAME).ifPresent(name -> environment.put("PGKRBSRVNAME", name));
        property(PGProperty.CHANNEL_BINDING)
                .ifPresent(binding -> environment.put("PGCHANNELBINDING", binding.toLowerCase(Locale.ROOT)));
        property(PGProperty.REQUIRE_AUTH).ifPresent(methods -> environment.put("PGREQUIREAUTH", methods));
        environment.put("PGCONNECT_TIMEOUT", "" + connectTimeout());
        property(PGProperty.OPTIONS).ifPresent(options -> environment.put("PGOPTIONS", options));
        SINCE_LIBPQ.forEach((variable, major) -> {
            if (environment.containsKey(variable) && client.major() < major) {
                throw new CannotVerifyException(
                        element.child("url") + " uses "
                                + (variable.equals("PGREQUIREAUTH") ? "requireAuth" : "sslNegotiation")
                                + ", which pg_dump "
                                + client + " does not support.",
                        Remedy.useTheClientOf(major));
            }
        });
        return environment;
    }

    Optional<String> options() {
        return property(PGProperty.OPTIONS);
    }

    /**
     * A root certificate turns {@code require} into {@code verify-ca} in libpq (manual, "SSL Mode Descriptions"), while
     * pgjdbc verifies nothing. Both get the stricter mode.
     */
    SslMode sslMode() {
        try {
            SslMode written = SslMode.of(properties);
            return written == SslMode.REQUIRE
                            && file(PGProperty.SSL_ROOT_CERT)
                                    .or(() ->
                                            Optional.of(defaultFile("root.crt")).filter(Files::exists))
                                    .isPresent()
                    ? SslMode.VERIFY_CA
                    : written;
        } catch (PSQLException unknownMode) {
            throw new IllegalStateException("problems() rejects every other sslmode", unknownMode);
        }
    }

    /** The root certificate that pgjdbc uses, or its default, if the server's certificate is verified. */
    private Optional<Path> rootCertificate() {
        return file(PGProperty.SSL_ROOT_CERT)
                .or(() -> VERIFYING.contains(sslMode()) ? Optional.of(defaultFile("root.crt")) : Optional.empty());
    }

    /** pgjdbc's {@code allow} starts in plain text and leaves the rest to the server; for libpq that is disable. */
    private String gssEncMode() {
        String mode = PGProperty.GSS_ENC_MODE.getOrDefault(properties).toLowerCase(Locale.ROOT);
        return mode.equals("allow") ? "disable" : mode;
    }

    /** The time limit for connecting in seconds, 0 for none: the shorter of the two settings. */
    private int connectTimeout() {
        return Stream.of(PGProperty.CONNECT_TIMEOUT, PGProperty.LOGIN_TIMEOUT)
                .map(timeout -> Integer.parseInt(timeout.getOrDefault(properties)))
                .filter(seconds -> seconds > 0)
                .min(Comparator.naturalOrder())
                .orElse(0);
    }

    private Optional<Path> file(PGProperty property) {
        return property(property).map(file -> Path.of(file).toAbsolutePath());
    }

    /** A file in the directory where pgjdbc looks for certificates; libpq uses the same names except for the key. */
    private static Path defaultFile(String name) {
        String appData = System.getenv("APPDATA");
        boolean windows = System.getProperty("os.name").toLowerCase(Locale.ROOT).contains("windows");
        return windows && appData != null
                ? Path.of(appData, "postgresql", name)
                : Path.of(System.getProperty("user.home"), ".postgresql", name);
    }

    private Optional<String> property(PGProperty property) {
        @Nullable String value = properties.getProperty(property.getName());
        return Optional.ofNullable(value);
    }

    /** The hosts and the database; contains no secret. */
    @Override
    public String toString() {
        return servers().replace(", ", ",")
                + property(PGProperty.PG_DBNAME)
                        .filter(name -> !name.isEmpty())
                        .map(name -> "/" + name)
                        .orElse("");
    }
}
