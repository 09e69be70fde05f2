package io.github.pgbackup.engine.local;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.Console;
import io.github.pgbackup.Remedy;
import io.github.pgbackup.postgres.OwnerOnly;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystems;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The directory of a throw-away server: its data, its socket, and its programs if they were unpacked. A locked file in
 * it, the lease, tells later runs whether it is in use: the operating system unlocks it when this JVM dies.
 */
final class RunDirectory implements AutoCloseable {

    private static final String PREFIX = "pgbackup-";
    private static final Pattern NAME = Pattern.compile(PREFIX + "\\d+");
    private static final String SOCKET = ".s.PGSQL.5432";

    /**
     * The maximum length of a socket's path in bytes: {@code sun_path} holds 104 on macOS with the final zero, 108 on
     * Linux.
     */
    private static final int MAX_SOCKET_PATH = 103;

    /** A younger directory without a lease may still be under construction. */
    private static final Duration CONSTRUCTION_TIME = Duration.ofMinutes(1);

    private final Path path;
    private final FileChannel lease;
    private @Nullable InputStream network;

    private RunDirectory(Path path, FileChannel lease) {
        this.path = path;
        this.lease = lease;
    }

    /**
     * Creates a directory that others may traverse, because the server may run as another user, but not list.
     *
     * @param workDirectory the parent directory; replaced by /tmp if a socket's path would be too long, or if the
     *     server runs as another user who cannot access it
     * @param user the user that the server runs as; null for our own
     */
    static RunDirectory create(Path workDirectory, @Nullable String user) {
        Path parent = parent(workDirectory, user);
        try {
            Path path = Files.createTempDirectory(parent, PREFIX);
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwx--x--x"));
            Files.writeString(path.resolve("owner"), thisJvm());
            // Locked before it gets its name, so that nobody sees it unlocked.
            Path unnamed = path.resolve("lease.new");
            FileChannel lease = FileChannel.open(unnamed, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
            lease.lock();
            Files.move(unnamed, path.resolve("lease"), StandardCopyOption.ATOMIC_MOVE);
            for (String own : List.of("data", "socket")) {
                Path directory = Files.createDirectory(path.resolve(own), OwnerOnly.directory());
                if (user != null) {
                    Files.setOwner(directory, users().lookupPrincipalByName(user));
                }
            }
            return new RunDirectory(path, lease);
        } catch (IOException e) {
            throw new CannotVerifyException(
                    "Cannot create a directory for the throw-away server in " + parent + ": "
                            + CannotVerifyException.reason(e) + ".",
                    Remedy.NAME_ANOTHER_WORK_DIRECTORY,
                    e);
        }
    }

    /** The parent directory that {@link #create} uses. */
    static Path parent(Path workDirectory, @Nullable String user) {
        Path wanted = workDirectory.toAbsolutePath();
        return fits(wanted) && (user == null || isOpenToOthers(wanted)) ? wanted : Path.of("/tmp");
    }

    private static boolean fits(Path parent) {
        String longest = parent.resolve(PREFIX + Long.toUnsignedString(-1))
                .resolve("socket")
                .resolve(SOCKET)
                .toString();
        return longest.getBytes(StandardCharsets.UTF_8).length <= MAX_SOCKET_PATH;
    }

    private static boolean isOpenToOthers(Path directory) {
        try {
            for (Path at = directory.toRealPath(); at != null; at = at.getParent()) {
                if (!Files.getPosixFilePermissions(at).contains(PosixFilePermission.OTHERS_EXECUTE)) {
                    return false;
                }
            }
            return true;
        } catch (IOException e) {
            return true; // reported when the directory is created
        }
    }

    private static UserPrincipalLookupService users() {
        return FileSystems.getDefault().getUserPrincipalLookupService();
    }

    Path path() {
        return path;
    }

    Path data() {
        return path.resolve("data");
    }

    Path socketDirectory() {
        return path.resolve("socket");
    }

    Path socket() {
        return socketDirectory().resolve(SOCKET);
    }

    Path programs() {
        return path.resolve("programs");
    }

    /** Whether initdb has succeeded. */
    boolean isProvisioned() {
        return Files.exists(path.resolve(ServerProcess.PROVISIONED));
    }

    Path settings() {
        return path.resolve("postgresql.conf");
    }

    /**
     * Records the server's network namespace, if it has its own, to find its stray processes. Holds the namespace until
     * {@link #close()}; otherwise its number could be reused as soon as the server has ended, and another run's server
     * would be mistaken for a stray process.
     */
    void keepNetworkOf(ProcessHandle postmaster) throws IOException {
        Path its;
        try {
            Path link = Path.of("/proc", Long.toString(postmaster.pid()), "ns", "net");
            its = Files.readSymbolicLink(link);
            if (its.equals(Files.readSymbolicLink(Path.of("/proc/self/ns/net")))) {
                return;
            }
            network = Files.newInputStream(link);
        } catch (IOException e) {
            return; // not supported or not visible on this system
        }
        Files.writeString(path.resolve("network"), its + "\n");
    }

    /** The lines of postmaster.pid; empty before the server has written it, and after the server has ended. */
    List<String> postmasterFile() throws IOException {
        return postmasterFile(data());
    }

    private static List<String> postmasterFile(Path data) throws IOException {
        try {
            return Files.readAllLines(data.resolve("postmaster.pid"));
        } catch (NoSuchFileException e) {
            return List.of();
        }
    }

    /** Ends all remaining processes in it, and deletes it. */
    void remove() throws IOException {
        remove(path);
    }

    /** Releases the lease; this alone removes nothing. */
    @Override
    public void close() throws IOException {
        lease.close();
        if (network != null) {
            network.close();
        }
    }

    /**
     * Removes directories of earlier runs next to this one and in /tmp: of runs that were killed together with the
     * shell that supervised their server, or that ended with the machine.
     */
    void sweepOthers(Console console) {
        List<Path> parents = new ArrayList<>(List.of(path.resolveSibling("")));
        if (!parents.contains(Path.of("/tmp"))) {
            parents.add(Path.of("/tmp"));
        }
        for (Path parent : parents) {
            try (DirectoryStream<Path> candidates = Files.newDirectoryStream(parent, PREFIX + "*")) {
                for (Path candidate : candidates) {
                    sweep(candidate, console);
                }
            } catch (IOException e) {
                console.debug("Did not search " + parent + " for leftovers: " + e + ".");
            }
        }
    }

    private void sweep(Path candidate, Console console) {
        try {
            if (!NAME.matcher(candidate.getFileName().toString()).matches()
                    || !Files.isDirectory(candidate, LinkOption.NOFOLLOW_LINKS)
                    || !Files.getOwner(candidate, LinkOption.NOFOLLOW_LINKS).equals(Files.getOwner(path))) {
                return;
            }
            // Locks belong to processes: opening and closing the lease of another run in this JVM would unlock it.
            Path owner = candidate.resolve("owner");
            if (Files.exists(owner) && Files.readString(owner).equals(thisJvm())) {
                return;
            }
            try (FileChannel lease = openLease(candidate)) {
                if (lease == null) {
                    removeUnfinished(candidate);
                    return;
                }
                if (lease.tryLock() == null) {
                    return;
                }
                remove(candidate);
                console.info("Removed " + candidate + ", left behind by a run that was killed.");
            }
        } catch (IOException e) {
            console.debug(candidate + " was not removed: " + e + ".");
        }
    }

    private static @Nullable FileChannel openLease(Path directory) throws IOException {
        try {
            return FileChannel.open(directory.resolve("lease"), StandardOpenOption.WRITE);
        } catch (NoSuchFileException e) {
            return null;
        }
    }

    /**
     * Before it has a lease, it contains nothing else; other directories with such a name and no lease are not ours.
     */
    private static void removeUnfinished(Path directory) throws IOException {
        Instant modified = Files.getLastModifiedTime(directory).toInstant();
        if (modified.plus(CONSTRUCTION_TIME).isBefore(Instant.now())) {
            Files.deleteIfExists(directory.resolve("owner"));
            Files.deleteIfExists(directory.resolve("lease.new"));
            Files.deleteIfExists(directory);
        }
    }

    /** Distinguishes this JVM from others with the same process id, also in containers that share the directory. */
    private static String thisJvm() {
        ProcessHandle jvm = ProcessHandle.current();
        return jvm.pid() + " " + jvm.info().startInstant().orElse(Instant.EPOCH);
    }

    private static void remove(Path directory) throws IOException {
        if (!Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        Optional<ProcessHandle> postmaster = postmaster(directory.resolve("data"));
        if (postmaster.isPresent()) {
            end(postmaster.get());
        }
        endWorkers(directory.resolve("data"));
        deleteTree(directory);
    }

    /**
     * Ends processes that have neither a postmaster nor a shell above them: initdb and its children, one of which may
     * hang forever if its files are deleted first, and backends that have not noticed the end of their server. Spares
     * other processes that happen to be in the directory, such as a shell or an editor.
     */
    private static void endWorkers(Path data) throws IOException {
        if (!Files.isDirectory(data, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        Path real = data.toRealPath();
        Set<String> users = Set.of(
                Files.getOwner(data).getName(),
                ProcessHandle.current().info().user().orElse(""));
        List<ProcessHandle> workers = ProcessHandle.allProcesses()
                .filter(process -> process.info().user().filter(users::contains).isPresent())
                .filter(process -> isInitdbOf(data, process) || isServerProcessIn(real, process))
                .flatMap(process -> Stream.concat(Stream.of(process), process.descendants()))
                .distinct()
                .toList();
        workers.forEach(ProcessHandle::destroyForcibly);
        for (ProcessHandle worker : workers) {
            try {
                worker.onExit().get(10, TimeUnit.SECONDS);
            } catch (ExecutionException | TimeoutException e) {
                throw new IOException("process " + worker.pid() + " in " + data + " does not end", e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static boolean isInitdbOf(Path data, ProcessHandle process) {
        return Stream.of(process.info().arguments().orElse(new String[0])).anyMatch(("--pgdata=" + data)::equals);
    }

    /** The server's processes change their command line but run in the data directory, which only Linux shows. */
    private static boolean isServerProcessIn(Path data, ProcessHandle process) {
        try {
            return process.info().command().orElse("").endsWith("/postgres")
                    && Files.readSymbolicLink(Path.of("/proc", Long.toString(process.pid()), "cwd"))
                            .startsWith(data);
        } catch (IOException e) {
            return false;
        }
    }

    /** The process in postmaster.pid, if it is still the server of this data directory. */
    private static Optional<ProcessHandle> postmaster(Path data) throws IOException {
        List<String> lines = postmasterFile(data);
        if (lines.isEmpty() || !lines.get(0).strip().matches("\\d{1,9}")) {
            return Optional.empty();
        }
        return ProcessHandle.of(Long.parseLong(lines.get(0).strip()))
                .filter(process -> process.info().commandLine().orElse("").contains(data.toString()));
    }

    /** SIGQUIT is the server's immediate shutdown, which also ends its children and frees its shared memory. */
    private static void end(ProcessHandle postmaster) throws IOException {
        Process kill = new ProcessBuilder("kill", "-QUIT", Long.toString(postmaster.pid()))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            kill.onExit()
                    .thenCombine(postmaster.onExit(), (killed, ended) -> ended)
                    .get(10, TimeUnit.SECONDS);
        } catch (ExecutionException | InterruptedException | TimeoutException e) {
            postmaster.destroyForcibly();
            if (e instanceof InterruptedException) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static void deleteTree(Path directory) throws IOException {
        Files.walkFileTree(directory, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.deleteIfExists(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
                if (e instanceof NoSuchFileException) {
                    return FileVisitResult.CONTINUE; // deleted by its server or the supervising shell
                }
                throw e;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException e) throws IOException {
                if (e != null && !(e instanceof NoSuchFileException)) {
                    throw e;
                }
                Files.deleteIfExists(visited);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
