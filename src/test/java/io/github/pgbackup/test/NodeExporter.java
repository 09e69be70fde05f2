package io.github.pgbackup.test;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.opentest4j.TestAbortedException;

/** Prometheus' node_exporter with only its textfile collector. */
public final class NodeExporter implements AutoCloseable {

    private static final Path PROGRAM = Path.of("/usr/bin/prometheus-node-exporter");

    private final HttpClient client = HttpClient.newHttpClient();
    private final int port = Lease.freePort();
    private final Path directory;
    private final Lease lease;

    private NodeExporter() throws IOException {
        directory = Files.createTempDirectory("pgbackup-node-exporter-");
        Lease.handOver(directory);
        lease = new Lease(
                directory,
                "KILL",
                List.of(
                        PROGRAM.toString(),
                        "--web.listen-address=127.0.0.1:" + port,
                        "--web.disable-exporter-metrics",
                        "--collector.disable-defaults",
                        "--collector.textfile",
                        "--collector.textfile.directory=" + directory));
    }

    /**
     * Starts node_exporter and waits until it answers.
     *
     * @throws TestAbortedException if node_exporter is not installed: the test is skipped
     * @throws IllegalStateException in the same case under {@code CI=true}
     */
    public static NodeExporter start() throws InterruptedException {
        if (!Files.isExecutable(PROGRAM)) {
            throw Programs.missing("node_exporter is not on this machine; install prometheus-node-exporter.");
        }
        try {
            NodeExporter exporter = new NodeExporter();
            for (int attempt = 0; !exporter.answers(); attempt++) {
                assertThat(attempt).as(exporter.lease.log()).isLessThan(100);
                Thread.sleep(100);
            }
            return exporter;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A file that the collector reads at each scrape. */
    public Path file(String name) {
        return directory.resolve(name);
    }

    /** The samples that Prometheus would get now. */
    public List<String> scrape() throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/metrics"))
                .build();
        return client.send(request, BodyHandlers.ofLines())
                .body()
                .filter(line -> !line.startsWith("#"))
                .toList();
    }

    private boolean answers() throws IOException, InterruptedException {
        try {
            return !scrape().isEmpty();
        } catch (ConnectException e) {
            return false;
        }
    }

    @Override
    public void close() {
        lease.close();
    }
}
