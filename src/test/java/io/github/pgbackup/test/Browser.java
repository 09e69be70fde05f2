package io.github.pgbackup.test;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** A headless Chromium with one page, driven by the Chrome DevTools Protocol. */
public final class Browser implements AutoCloseable {

    private static final List<String> NAMES = List.of("chromium", "chromium-browser", "google-chrome");
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Process process;
    private final WebSocket socket;
    private final AtomicInteger lastId = new AtomicInteger();
    private final Map<Integer, CompletableFuture<JsonObject>> replies = new ConcurrentHashMap<>();
    private final String session;

    private Browser(Process process, URI address) {
        this.process = process;
        this.socket = HttpClient.newHttpClient()
                .newWebSocketBuilder()
                .buildAsync(address, new Receiver())
                .join();
        String target = command("Target.createTarget", parameters("url", "about:blank"), false)
                .get("targetId")
                .getAsString();
        JsonObject attach = parameters("targetId", target);
        attach.addProperty("flatten", true);
        this.session =
                command("Target.attachToTarget", attach, false).get("sessionId").getAsString();
    }

    /**
     * Starts a browser.
     *
     * @param profile a directory that does not exist yet
     * @throws org.opentest4j.TestAbortedException if this machine has no browser: the test is skipped
     * @throws IllegalStateException in the same case under {@code CI=true}
     */
    public static Browser start(Path profile) throws IOException, InterruptedException {
        Path program = Stream.of(System.getenv("PATH").split(":", -1))
                .flatMap(directory -> NAMES.stream().map(name -> Path.of(directory, name)))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow(() -> Programs.missing("There is no Chromium in PATH."));
        Process process = new ProcessBuilder(
                        program.toString(),
                        "--headless",
                        "--no-sandbox", // root cannot run it in any other way; it opens only our own pages
                        "--disable-gpu",
                        "--disable-dev-shm-usage",
                        "--no-first-run",
                        "--remote-debugging-port=0",
                        "--user-data-dir=" + profile)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        Path port = profile.resolve("DevToolsActivePort");
        Instant deadline = Instant.now().plus(PATIENCE);
        while (!Files.exists(port) || Files.readAllLines(port).size() < 2) {
            if (Instant.now().isAfter(deadline) || !process.isAlive()) {
                process.destroyForcibly();
                throw new IllegalStateException("Chromium did not start.");
            }
            Thread.sleep(20);
        }
        List<String> lines = Files.readAllLines(port);
        return new Browser(process, URI.create("ws://127.0.0.1:" + lines.get(0) + lines.get(1)));
    }

    /** Opens a page and waits until it is loaded. */
    public void open(Path page) {
        command("Page.enable", new JsonObject(), true);
        command("Page.navigate", parameters("url", page.toUri().toString()), true);
        evaluate("new Promise(done => document.readyState === 'complete' ? done('')"
                + " : addEventListener('load', () => done('')))");
    }

    /** Shows the page in a window of this size, to a reader who prefers dark or light colours. */
    public void window(int width, int height, boolean dark) {
        JsonObject size = new JsonObject();
        size.addProperty("width", width);
        size.addProperty("height", height);
        size.addProperty("deviceScaleFactor", 1);
        size.addProperty("mobile", false);
        command("Emulation.setDeviceMetricsOverride", size, true);
        command(
                "Emulation.setEmulatedMedia",
                JsonParser.parseString("{\"features\": [{\"name\": \"prefers-color-scheme\", \"value\": \""
                                + (dark ? "dark" : "light") + "\"}]}")
                        .getAsJsonObject(),
                true);
    }

    /** The value of a JavaScript expression as text; for a promise, its result. */
    public String evaluate(String expression) {
        JsonObject parameters = parameters("expression", expression);
        parameters.addProperty("awaitPromise", true);
        parameters.addProperty("returnByValue", true);
        JsonObject reply = command("Runtime.evaluate", parameters, true);
        if (reply.has("exceptionDetails")) {
            throw new IllegalStateException(reply.get("exceptionDetails").toString());
        }
        JsonObject result = reply.getAsJsonObject("result");
        return result.has("value") ? result.get("value").getAsString() : "";
    }

    /** The content of the window, as PNG. */
    public void screenshot(Path file) throws IOException {
        JsonObject reply = command("Page.captureScreenshot", parameters("format", "png"), true);
        Files.write(file, Base64.getDecoder().decode(reply.get("data").getAsString()));
    }

    private static JsonObject parameters(String name, String value) {
        JsonObject parameters = new JsonObject();
        parameters.addProperty(name, value);
        return parameters;
    }

    private JsonObject command(String method, JsonObject parameters, boolean ofPage) {
        int id = lastId.incrementAndGet();
        CompletableFuture<JsonObject> reply = new CompletableFuture<>();
        replies.put(id, reply);
        JsonObject command = new JsonObject();
        command.addProperty("id", id);
        command.addProperty("method", method);
        command.add("params", parameters);
        if (ofPage) {
            command.addProperty("sessionId", session);
        }
        socket.sendText(command.toString(), true).join();
        try {
            JsonObject message = reply.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            if (message.has("error")) {
                throw new IllegalStateException(method + ": " + message.get("error"));
            }
            return message.getAsJsonObject("result");
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new IllegalStateException(method, e);
        }
    }

    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Joins the parts of a message and passes it to the command that waits for it. */
    private final class Receiver implements WebSocket.Listener {

        private final StringBuilder message = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket webSocket, CharSequence part, boolean last) {
            message.append(part);
            if (last) {
                JsonObject json = JsonParser.parseString(message.toString()).getAsJsonObject();
                message.setLength(0);
                CompletableFuture<JsonObject> waiting =
                        json.has("id") ? replies.remove(json.get("id").getAsInt()) : null;
                if (waiting != null) {
                    waiting.complete(json);
                }
            }
            webSocket.request(1);
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public void onError(WebSocket webSocket, Throwable error) {
            replies.values().forEach(reply -> reply.completeExceptionally(error));
        }
    }
}
