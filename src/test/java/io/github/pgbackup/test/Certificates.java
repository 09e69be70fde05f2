package io.github.pgbackup.test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

/** A test's certificate authority, created with {@code openssl}. Its certificate is {@code ca.pem} in its directory. */
public final class Certificates {

    private final Path directory;

    private Certificates(Path directory) {
        this.directory = directory;
    }

    /**
     * Creates an authority.
     *
     * @param directory inside a temporary directory of the test
     * @throws org.opentest4j.TestAbortedException if there is no {@code openssl}: the test is skipped
     * @throws IllegalStateException in the same case under {@code CI=true}
     */
    public static Certificates of(Path directory) {
        try {
            Files.createDirectories(directory);
            // Other users have to read its content: a server runs as a user other than root.
            for (Path each : List.of(directory, directory.toAbsolutePath().getParent())) {
                Files.setPosixFilePermissions(each, PosixFilePermissions.fromString("rwxr-xr-x"));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Certificates authority = new Certificates(directory);
        authority.make("ca", "Authority of the test", List.of());
        return authority;
    }

    /** The certificate that clients trust. */
    public Path authority() {
        return directory.resolve("ca.pem");
    }

    public Path certificate(String name) {
        return directory.resolve(name + ".pem");
    }

    public Path key(String name) {
        return directory.resolve(name + "-key.pem");
    }

    /** Signs a certificate {@code <name>.pem} of these hosts, {@code DNS:localhost}, with its key {@code <name>-key.pem}. */
    public Certificates issue(String name, String hosts) {
        make(
                name,
                name,
                List.of(
                        "-CA",
                        authority().toString(),
                        "-CAkey",
                        key("ca").toString(),
                        "-addext",
                        "subjectAltName=" + hosts,
                        "-addext",
                        "basicConstraints=CA:FALSE"));
        return this;
    }

    /** Gives a key to the user as whom servers run: they refuse a key that others own or can read. */
    public Path keyOfServer(String name) {
        try {
            Lease.handOver(key(name));
            return key(name);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void make(String name, String subject, List<String> more) {
        List<String> command = new ArrayList<>(List.of(
                "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=" + subject));
        command.addAll(more);
        command.addAll(List.of(
                "-keyout", key(name).toString(), "-out", certificate(name).toString()));
        try {
            Path log = directory.resolve("openssl.log");
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
            if (process.waitFor() != 0) {
                throw new IllegalStateException(Files.readString(log));
            }
            Files.setPosixFilePermissions(key(name), PosixFilePermissions.fromString("rw-------"));
        } catch (IOException e) {
            throw Programs.missing("There is no openssl: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
