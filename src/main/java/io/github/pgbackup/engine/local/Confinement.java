package io.github.pgbackup.engine.local;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.Remedy;
import io.github.pgbackup.postgres.Command;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How the server is separated from the rest of the machine.
 *
 * @param prefix words to put before a command; each program runs the rest of its line
 * @param asUser the words among them that change the user alone; empty if the server runs as the user of this JVM
 * @param user the user of the operating system to run as; null for the user of this JVM
 * @param ownNetwork whether the server gets its own network namespace, which contains only a loopback interface that is
 *     down
 * @param limitsProcesses whether there is a limit for the server's processes that does not count other processes
 */
record Confinement(
        List<String> prefix, List<String> asUser, @Nullable String user, boolean ownNetwork, boolean limitsProcesses) {

    /** The same as in a container; a server has about 40 processes at most. */
    private static final int PROCESSES = 512;

    /**
     * Since this kernel, the limit counts a user's processes within a user namespace; before, all of them on the
     * machine.
     */
    private static final int[] COUNTED_BY_NAMESPACE = {5, 14};

    private static final Pattern KERNEL = Pattern.compile("(\\d+)\\.(\\d+)\\D.*");

    Confinement {
        prefix = List.copyOf(prefix);
        asUser = List.copyOf(asUser);
    }

    /** Finds out by trial what this machine and our privileges allow. */
    static Confinement probe() throws InterruptedException {
        boolean root = "0".equals(id("-u", null));
        String user = root ? unprivilegedUser() : null;
        List<String> asUser = user == null ? List.of() : asUser(user);
        List<String> withoutNetwork = root
                ? List.of("unshare", "--net", "--")
                : List.of("unshare", "--user", "--map-current-user", "--net", "--");
        List<String> both =
                Stream.concat(withoutNetwork.stream(), asUser.stream()).toList();
        if (countsProcessesByNamespace()) {
            List<String> limits = List.of("prlimit", "--nproc=" + PROCESSES, "--");
            List<String> ownUsers = root ? List.of("unshare", "--user", "--map-current-user", "--") : List.of();
            List<String> all =
                    Stream.of(both, ownUsers, limits).flatMap(List::stream).toList();
            if (runs(all)) {
                return new Confinement(all, asUser, user, true, true);
            }
        }
        return runs(both)
                ? new Confinement(both, asUser, user, true, false)
                : new Confinement(asUser, asUser, user, false, false);
    }

    private static boolean countsProcessesByNamespace() {
        Matcher kernel = KERNEL.matcher(System.getProperty("os.version", ""));
        return "Linux".equals(System.getProperty("os.name"))
                && kernel.matches()
                && Arrays.compare(
                                new int[] {Integer.parseInt(kernel.group(1)), Integer.parseInt(kernel.group(2))},
                                COUNTED_BY_NAMESPACE)
                        >= 0;
    }

    /** initdb and postgres refuse to run as root. */
    private static String unprivilegedUser() {
        for (String name : List.of("postgres", "nobody")) {
            try {
                FileSystems.getDefault().getUserPrincipalLookupService().lookupPrincipalByName(name);
                return name;
            } catch (UserPrincipalNotFoundException e) {
                // try the next one
            } catch (IOException e) {
                throw noUser("Users cannot be looked up: " + e.getMessage() + ".", e);
            }
        }
        throw noUser("There is neither a user postgres nor a user nobody.", null);
    }

    /** setpriv comes first: it is replaced by the server, while runuser and su remain its parents. */
    private static List<String> asUser(String user) throws InterruptedException {
        List<List<String>> alternatives = new ArrayList<>();
        alternatives.add(List.of("setpriv", "--reuid=" + user, "--regid=" + id("-g", user), "--clear-groups", "--"));
        alternatives.add(List.of("runuser", "-u", user, "--"));
        alternatives.add(List.of("su", "-s", "/bin/sh", "-c", "exec \"$0\" \"$@\"", "--", user));
        for (List<String> alternative : alternatives) {
            if (runs(alternative)) {
                return alternative;
            }
        }
        throw noUser("None of setpriv, runuser and su can run a program as user " + user + ".", null);
    }

    private static CannotVerifyException noUser(String fact, @Nullable Throwable cause) {
        return new CannotVerifyException(
                "This build runs as root, but PostgreSQL's server refuses to run as root. " + fact,
                Remedy.RUN_AS_ANOTHER_USER,
                cause);
    }

    private static boolean runs(List<String> prefix) throws InterruptedException {
        List<String> line = new ArrayList<>(prefix);
        line.add("/bin/sh");
        line.add("-c");
        line.add(":");
        try {
            return onPath(line).run() == 0;
        } catch (IOException e) {
            return false;
        }
    }

    private static String id(String option, @Nullable String user) throws InterruptedException {
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        try {
            onPath(user == null ? List.of("id", option) : List.of("id", option, user))
                    .run(standardOutput -> standardOutput.transferTo(printed));
        } catch (IOException e) {
            return "";
        }
        return printed.toString(StandardCharsets.US_ASCII).strip();
    }

    /** A run of the program that this line begins with, which is searched for in {@code PATH}. */
    static Command onPath(List<String> line) {
        return Command.of(Path.of("/bin/sh"))
                .arguments("-c", "exec \"$@\"", "sh")
                .arguments(line);
    }
}
