package io.github.pgbackup.container;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.Remedy;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Searches for a Docker daemon when one is first needed. */
public final class DaemonFinder implements AutoCloseable {

    private final Map<String, String> environment;
    private Daemon.@Nullable Search search;
    private volatile Consumer<String> onSilence = sentence -> {};

    /**
     * Creates a finder; the search starts later.
     *
     * @param environment the environment variables of this process, such as {@code DOCKER_HOST}
     */
    public DaemonFinder(Map<String, String> environment) {
        this.environment = Map.copyOf(environment);
    }

    /**
     * Sets a callback for a sentence, in another thread, when the daemon becomes unresponsive; pending requests fail
     * after it.
     */
    public void onSilence(Consumer<String> callback) {
        onSilence = callback;
    }

    private synchronized Daemon.Search search() {
        Daemon.Search done = search;
        if (done == null || done.found() != null && done.found().isSilent()) {
            done = Daemon.search(environment, sentence -> onSilence.accept(sentence));
            search = done;
        }
        return done;
    }

    /** A daemon that answers within 2 s. */
    public Optional<Daemon> find() {
        return Optional.ofNullable(search().found());
    }

    /** The addresses where no daemon answered, with the results. */
    public String tried() {
        List<String> tried = search().tried();
        return tried.isEmpty() ? "found no socket" : String.join("; ", tried);
    }

    /**
     * A daemon that answers.
     *
     * @param what the tag that needs it, with its property
     * @throws CannotVerifyException if there is none
     */
    public Daemon require(String what) {
        return find().orElseThrow(() -> new CannotVerifyException(
                what + " needs a Docker daemon, but none answers: " + tried() + ".", Remedy.START_DOCKER));
    }

    @Override
    public synchronized void close() {
        if (search != null && search.found() != null) {
            search.found().close();
        }
    }
}
