package io.github.pgbackup.test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.opentest4j.TestAbortedException;

/** MIT Kerberos: a realm with a key distribution centre of its own, which knows a server on localhost and one user. */
public final class Kerberos implements AutoCloseable {

    private static final String KDC = "/usr/sbin/krb5kdc";

    private final Path directory;
    private final Map<String, String> environment;
    private final Lease lease;

    private Kerberos(Path directory, String user) throws IOException, InterruptedException {
        this.directory = directory;
        int port = Lease.freePort();
        Path client = directory.resolve("krb5.conf");
        Path server = directory.resolve("kdc.conf");
        environment = Map.of(
                "KRB5_CONFIG", client.toString(),
                "KRB5_KDC_PROFILE", server.toString(),
                "KRB5CCNAME", "FILE:" + ticketCache());
        Files.writeString(client, """
                [libdefaults]
                  default_realm = TEST
                  dns_lookup_kdc = false
                  dns_lookup_realm = false
                  dns_canonicalize_hostname = false
                  rdns = false
                  udp_preference_limit = 1
                [realms]
                  TEST = {
                    kdc = 127.0.0.1:%d
                  }
                [domain_realm]
                  localhost = TEST
                """.formatted(port));
        Files.writeString(server, """
                [kdcdefaults]
                  kdc_listen = ""
                  kdc_tcp_listen = 127.0.0.1:%d
                [realms]
                  TEST = {
                    database_name = %2$s/principal
                    key_stash_file = %2$s/stash
                  }
                [logging]
                  kdc = STDERR
                """.formatted(port, directory));
        Files.writeString(directory.resolve("jaas.conf"), """
                pgjdbc {
                  com.sun.security.auth.module.Krb5LoginModule required useTicketCache=true doNotPrompt=true;
                };
                """);
        run("", "/usr/sbin/kdb5_util", "create", "-s", "-r", "TEST", "-P", "master");
        run("", "/usr/sbin/kadmin.local", "-r", "TEST", "addprinc", "-pw", "secret", user + "@TEST");
        run("", "/usr/sbin/kadmin.local", "-r", "TEST", "addprinc", "-randkey", "postgres/localhost@TEST");
        run("", "/usr/sbin/kadmin.local", "-r", "TEST", "ktadd", "-k", "" + serverKeys(), "postgres/localhost@TEST");
        try (var files = Files.list(directory)) {
            for (Path file : files.toList()) {
                Lease.handOver(file);
            }
        }
        Lease.handOver(directory);
        lease = new Lease(
                directory,
                "TERM",
                List.of(
                        "env",
                        "KRB5_CONFIG=" + client,
                        "KRB5_KDC_PROFILE=" + server,
                        KDC,
                        "-n",
                        "-P",
                        directory + "/pid"));
        for (int attempt = 0; !logIn(user); attempt++) {
            if (attempt == 100) {
                throw new IllegalStateException("The key distribution centre does not answer: " + lease.log());
            }
            Thread.sleep(50);
        }
    }

    /**
     * Starts the realm and logs the user in.
     *
     * @throws TestAbortedException when Kerberos is not installed: the test is skipped
     * @throws IllegalStateException likewise, but under {@code CI=true}
     */
    public static Kerberos start(String user) throws InterruptedException {
        if (!Files.isExecutable(Path.of(KDC)) || !Files.isExecutable(Path.of("/usr/sbin/kadmin.local"))) {
            throw Programs.missing(
                    "Kerberos is not on this machine; install krb5-kdc, krb5-admin-server and krb5-user.");
        }
        try {
            return new Kerberos(Files.createTempDirectory("pgbackup-kerberos-"), user);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private boolean logIn(String user) throws IOException, InterruptedException {
        return start("secret\n", "kinit", user + "@TEST").waitFor() == 0;
    }

    private void run(String input, String... command) throws IOException, InterruptedException {
        Process process = start(input, command);
        if (process.waitFor() != 0) {
            throw new IllegalStateException(
                    String.join(" ", command) + ": " + Files.readString(directory.resolve("output")));
        }
    }

    private Process start(String input, String... command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("output").toFile());
        builder.environment().putAll(environment);
        Process process = builder.start();
        try (var stdin = process.getOutputStream()) {
            stdin.write(input.getBytes(StandardCharsets.UTF_8));
        }
        return process;
    }

    private Path ticketCache() {
        return directory.resolve("tickets");
    }

    /** The keys of the PostgreSQL server, for {@code krb_server_keyfile}. */
    public Path serverKeys() {
        return directory.resolve("postgres.keytab");
    }

    /** What a process of the user needs in its environment, besides {@link #options}. */
    public Map<String, String> environment() {
        return environment;
    }

    /** What a JVM of the user needs on its command line, besides {@link #environment}. */
    public String options() {
        return "-Djava.security.krb5.conf=" + directory + "/krb5.conf -Djava.security.auth.login.config=" + directory
                + "/jaas.conf";
    }

    @Override
    public void close() {
        lease.close();
    }
}
