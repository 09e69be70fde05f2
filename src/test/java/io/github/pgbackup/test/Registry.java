package io.github.pgbackup.test;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An image registry (the part of OCI Distribution that a pull needs) with one image of the daemon, for a user with a
 * password.
 */
public final class Registry implements AutoCloseable {

    private static final String MANIFEST = "application/vnd.docker.distribution.manifest.v2+json";

    private final HttpServer server;
    private final Map<String, Path> blobs = new HashMap<>();
    private final String authorization;
    private final byte[] manifest;

    private Registry(Path directory, String image, String user, String password) throws IOException {
        authorization =
                "Basic " + Base64.getEncoder().encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8));
        Path archive = directory.resolve("image.tar");
        Docker.docker("save", "--output", archive.toString(), image);
        unpack(archive, directory);
        String saved = Files.readString(directory.resolve("manifest.json"));
        manifest = """
                {"schemaVersion": 2, "mediaType": "%s", "config": %s, "layers": [%s]}""".formatted(
                        MANIFEST,
                        blob(directory.resolve(first(saved, "\"Config\":\"([^\"]+)\"")), "container.image.v1+json"),
                        blob(
                                directory.resolve(first(saved, "\"Layers\":\\[\"([^\"]+)\"\\]")),
                                "image.rootfs.diff.tar.gzip"))
                .getBytes(StandardCharsets.UTF_8);
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/v2/", this::answer);
        server.start();
    }

    /** Starts a registry; the image has one layer. */
    public static Registry start(Path directory, String image, String user, String password) throws IOException {
        return new Registry(directory, image, user, password);
    }

    /** Host and port, as the first part of an image's name. */
    public String host() {
        return "127.0.0.1:" + server.getAddress().getPort();
    }

    private static void unpack(Path archive, Path directory) throws IOException {
        try {
            new ProcessBuilder("tar", "-xf", archive.toString(), "-C", directory.toString())
                    .start()
                    .waitFor();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    private static String first(String text, String pattern) {
        Matcher matcher = Pattern.compile(pattern).matcher(text);
        if (!matcher.find()) {
            throw new IllegalStateException("There is no " + pattern + " in " + text);
        }
        return matcher.group(1);
    }

    private String blob(Path file, String type) throws IOException {
        String digest = "sha256:" + sha256(file);
        blobs.put(digest, file);
        return "{\"mediaType\": \"application/vnd.docker.%s\", \"size\": %d, \"digest\": \"%s\"}"
                .formatted(type, Files.size(file), digest);
    }

    private static String sha256(Path file) throws IOException {
        try (InputStream bytes = Files.newInputStream(file)) {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            byte[] buffer = new byte[1 << 16];
            for (int read = bytes.read(buffer); read >= 0; read = bytes.read(buffer)) {
                digest.update(buffer, 0, read);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getPath();
            Path blob = blobs.get(path.substring(path.lastIndexOf('/') + 1));
            if (!authorization.equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
                exchange.getResponseHeaders().add("WWW-Authenticate", "Basic realm=\"test\"");
                exchange.sendResponseHeaders(401, -1);
            } else if (path.equals("/v2/")) {
                exchange.sendResponseHeaders(200, -1);
            } else if (path.contains("/manifests/")) {
                exchange.getResponseHeaders().add("Content-Type", MANIFEST);
                exchange.sendResponseHeaders(200, exchange.getRequestMethod().equals("HEAD") ? -1 : manifest.length);
                if (!exchange.getRequestMethod().equals("HEAD")) {
                    exchange.getResponseBody().write(manifest);
                }
            } else if (blob != null) {
                exchange.sendResponseHeaders(200, Files.size(blob));
                Files.copy(blob, exchange.getResponseBody());
            } else {
                exchange.sendResponseHeaders(404, -1);
            }
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
