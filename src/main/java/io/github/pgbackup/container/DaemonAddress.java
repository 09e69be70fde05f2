package io.github.pgbackup.container;

import com.github.dockerjava.transport.SSLConfig;
import io.github.pgbackup.postgres.UnixSocket;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.testcontainers.dockerclient.DockerClientProviderStrategy;
import org.testcontainers.dockerclient.TransportConfig;

/**
 * An address where a Docker daemon may listen.
 *
 * @param uri {@code unix:///path} or {@code tcp://host:port}
 * @param ssl for a daemon with TLS
 */
record DaemonAddress(URI uri, @Nullable SSLConfig ssl) {

    private static final String OF_THE_ENVIRONMENT =
            "org.testcontainers.dockerclient.EnvironmentAndSystemPropertyClientProviderStrategy";

    private static final int CONNECT_MILLIS = 2_000;

    /**
     * The addresses to try, in order: only that in {@code DOCKER_HOST}, if it is set; otherwise that of the Docker
     * context, then the sockets of Docker, rootless Docker, Docker Desktop and Podman.
     */
    static List<DaemonAddress> candidates(Map<String, String> environment) {
        List<DaemonAddress> candidates = new ArrayList<>();
        String named = environment.getOrDefault("DOCKER_HOST", "");
        for (DockerClientProviderStrategy strategy :
                ServiceLoader.load(DockerClientProviderStrategy.class, DaemonAddress.class.getClassLoader())) {
            // Skips the others: one of them would leave files of a native library in the user's home.
            if (strategy.getClass().getName().equals(OF_THE_ENVIRONMENT)) {
                TransportConfig transport = strategy.getTransportConfig();
                URI host = named.isEmpty() ? transport.getDockerHost() : URI.create(named);
                candidates.add(new DaemonAddress(host, transport.getSslConfig()));
            }
        }
        if (named.isEmpty()) {
            List<Path> sockets = new ArrayList<>();
            sockets.add(Path.of("/var/run/docker.sock"));
            String runtime = environment.getOrDefault("XDG_RUNTIME_DIR", "");
            if (!runtime.isEmpty()) {
                sockets.add(Path.of(runtime, "docker.sock"));
                sockets.add(Path.of(runtime, "podman", "podman.sock"));
            }
            Path home = Path.of(System.getProperty("user.home"));
            sockets.add(home.resolve(".docker/run/docker.sock"));
            sockets.add(home.resolve(".docker/desktop/docker.sock"));
            sockets.add(Path.of("/run/podman/podman.sock"));
            sockets.stream()
                    .filter(Files::exists)
                    .map(socket -> new DaemonAddress(URI.create("unix://" + socket), null))
                    .filter(address ->
                            candidates.stream().noneMatch(known -> known.uri().equals(address.uri())))
                    .forEach(candidates::add);
        }
        return candidates;
    }

    /**
     * Connects to the daemon; use the connection through {@link #secured}.
     *
     * @throws IOException if nothing listens there
     */
    Socket connect() throws IOException {
        switch (uri.getScheme()) {
            case "unix" -> {
                UnixSocket socket = new UnixSocket(Path.of(uri.getPath()));
                socket.connect(new InetSocketAddress(0));
                return socket;
            }
            case "tcp", "http", "https" -> {
                Socket socket = new Socket();
                socket.connect(new InetSocketAddress(uri.getHost(), uri.getPort()), CONNECT_MILLIS);
                socket.setTcpNoDelay(true);
                return socket;
            }
            default -> throw new IOException("'" + uri.getScheme() + "://' is not supported; use unix:// or tcp://");
        }
    }

    /** The socket to read from and write to: the same connection, with TLS if the daemon uses it. */
    Socket secured(Socket socket) throws IOException {
        SSLConfig config = ssl;
        if (config == null) {
            return socket;
        }
        try {
            SSLSocket secured = (SSLSocket)
                    config.getSSLContext().getSocketFactory().createSocket(socket, uri.getHost(), uri.getPort(), true);
            // Without it, a certificate of the same authority for any other machine would do.
            SSLParameters parameters = secured.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            secured.setSSLParameters(parameters);
            return secured;
        } catch (GeneralSecurityException e) {
            throw new IOException("the certificates of the Docker client cannot be used: " + e.getMessage(), e);
        }
    }

    /** Pings the daemon; returns null if it answers in time, otherwise why it does not. */
    @Nullable String whySilent(Duration atMost) {
        try (Socket socket = connect()) {
            socket.setSoTimeout((int) atMost.toMillis()); // applies to TLS, too
            Socket secured = secured(socket);
            request(secured, "GET /_ping HTTP/1.0", Map.of(), new byte[0]);
            List<String> head = head(secured.getInputStream());
            return status(head) == 200 ? null : uri + " answered " + head.get(0);
        } catch (UnknownHostException e) {
            return uri + ": its name is not known";
        } catch (IOException e) {
            return uri + ": " + e.getMessage()
                    + (ssl == null || e instanceof SSLException
                            ? ""
                            : " (a daemon that does not accept the certificate of its client ends the connection)");
        }
    }

    /**
     * Turns a connection into a bidirectional stream to a process in a container (Docker Engine API, "hijacking").
     *
     * @param path of the request, such as {@code /exec/<id>/start}
     * @return the stream from the process; bytes written to the socket go to the process
     */
    InputStream upgrade(Socket socket, String path, String json) throws IOException {
        request(
                socket,
                "POST " + path + " HTTP/1.1",
                Map.of("Connection", "Upgrade", "Upgrade", "tcp", "Content-Type", "application/json"),
                json.getBytes(StandardCharsets.UTF_8));
        InputStream answer = new BufferedInputStream(socket.getInputStream(), 1 << 16);
        List<String> head = head(answer);
        // Older daemons answer 200 and hijack the connection as well.
        if (status(head) != 101 && status(head) != 200) {
            // The daemon may keep the connection open after it.
            byte[] why = answer.readNBytes(Math.min(1000, contentLength(head)));
            throw new IOException("the Docker daemon answered " + head.get(0) + " "
                    + new String(why, StandardCharsets.UTF_8).strip());
        }
        return answer;
    }

    static void request(Socket socket, String line, Map<String, String> headers, byte[] body) throws IOException {
        StringBuilder head = new StringBuilder(line + "\r\nHost: docker\r\n");
        headers.forEach((name, value) -> head.append(name + ": " + value + "\r\n"));
        head.append("Content-Length: " + body.length + "\r\n\r\n");
        ByteArrayOutputStream request = new ByteArrayOutputStream();
        request.write(head.toString().getBytes(StandardCharsets.US_ASCII));
        request.write(body);
        socket.getOutputStream().write(request.toByteArray());
        socket.getOutputStream().flush();
    }

    /** The lines of an answer before its body. */
    static List<String> head(InputStream answer) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        while (!head.toString(StandardCharsets.US_ASCII).endsWith("\r\n\r\n")) {
            int next = answer.read();
            if (next < 0) {
                throw new IOException("the Docker daemon closed the connection");
            }
            head.write(next);
        }
        return head.toString(StandardCharsets.US_ASCII).lines().toList();
    }

    /** The length of the body; 0 if the answer does not state it. */
    private static int contentLength(List<String> head) {
        return head.stream()
                .filter(line -> line.regionMatches(true, 0, "Content-Length:", 0, 15))
                .map(line -> line.substring(15).strip())
                .filter(length -> length.matches("[0-9]{1,9}"))
                .mapToInt(Integer::parseInt)
                .findFirst()
                .orElse(0);
    }

    /** The status code of {@code HTTP/1.1 200 OK}. */
    static int status(List<String> head) throws IOException {
        String[] words = head.get(0).split(" ", 3);
        try {
            return Integer.parseInt(words[1]);
        } catch (IndexOutOfBoundsException | NumberFormatException e) {
            throw new IOException("the server that answered is not a Docker daemon: " + head.get(0), e);
        }
    }
}
