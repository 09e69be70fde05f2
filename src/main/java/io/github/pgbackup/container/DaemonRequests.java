package io.github.pgbackup.container;

import com.github.dockerjava.transport.DockerHttpClient;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Sends docker-java's requests to a daemon, each over a separate connection that ends with the answer. docker-java's
 * own transports wait without a time limit, and nothing could end that wait.
 */
record DaemonRequests(DaemonConnections connections) implements DockerHttpClient {

    @Override
    public Response execute(Request request) {
        Socket socket = null;
        try {
            socket = connections.open();
            InputStream body = request.body();
            // With HTTP/1.0, the answer comes unchunked and ends with the connection.
            DaemonAddress.request(
                    socket,
                    request.method() + " " + request.path() + " HTTP/1.0",
                    request.headers(),
                    body == null ? new byte[0] : body.readAllBytes());
            InputStream answer = new BufferedInputStream(socket.getInputStream(), 1 << 13);
            List<String> head = DaemonAddress.head(answer);
            return new Answer(connections, socket, DaemonAddress.status(head), head, answer);
        } catch (IOException e) {
            if (socket != null) {
                connections.close(socket);
            }
            throw new UncheckedIOException(connections.explained(e));
        }
    }

    private record Answer(DaemonConnections connections, Socket socket, int status, List<String> head, InputStream body)
            implements Response {

        @Override
        public int getStatusCode() {
            return status;
        }

        @Override
        public Map<String, List<String>> getHeaders() {
            Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
            head.stream()
                    .skip(1)
                    .map(line -> line.split(":\\s*", 2))
                    .filter(header -> header.length == 2)
                    .forEach(header -> headers.put(header[0], List.of(header[1])));
            return headers;
        }

        @Override
        public InputStream getBody() {
            return body;
        }

        @Override
        public void close() {
            connections.close(socket);
        }
    }

    @Override
    public void close() {
        connections.close();
    }
}
