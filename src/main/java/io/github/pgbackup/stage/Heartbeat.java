package io.github.pgbackup.stage;

import io.github.pgbackup.Console;
import java.time.Duration;
import java.util.function.Supplier;

/** Reports progress at intervals until it ends; the console decides how much of that it shows. */
public final class Heartbeat {

    private final Console console;
    private final Supplier<String> text;
    private final Duration interval;
    private final Thread thread = new Thread(this::beat, "pgbackup-heartbeat");
    private boolean ended;

    private Heartbeat(Console console, Supplier<String> text, Duration interval) {
        this.console = console;
        this.text = text;
        this.interval = interval;
        thread.setDaemon(true);
    }

    /** Starts; the first report comes after one interval. */
    public static Heartbeat start(Console console, Supplier<String> text, Duration interval) {
        Heartbeat heartbeat = new Heartbeat(console, text, interval);
        heartbeat.thread.start();
        return heartbeat;
    }

    private void beat() {
        try {
            while (true) {
                Thread.sleep(interval.toMillis());
                // Report nothing after the end.
                synchronized (this) {
                    if (ended) {
                        return;
                    }
                    console.progress(text.get());
                }
            }
        } catch (InterruptedException e) {
            // ended
        }
    }

    public void end() {
        synchronized (this) {
            ended = true;
        }
        thread.interrupt();
    }

    /** A rough duration for a waiting user. */
    static String about(Duration duration) {
        return duration.toMinutes() < 2 ? duration.toSeconds() + " s" : duration.toMinutes() + " min";
    }
}
