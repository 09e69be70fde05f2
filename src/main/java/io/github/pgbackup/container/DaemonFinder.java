package io.github.pgbackup.container;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.Remedy;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Looks for a Docker daemon the first time that somebody needs one. */
public final class DaemonFinder implements AutoCloseable {

    private final Map<String, String> environment;
    private Daemon.@Nullable Search search;
    private volatile Consumer<String> onSilence = sentence -> {};

    /**
     * Makes a finder; nothing is looked for yet.
     *
     * @param environment of this process, for {@code DOCKER_HOST}
     */
    public DaemonFinder(Map<String, String> environment) {
        this.environment = Map.copyOf(environment);
    }

    /** Who is told a sentence, in another thread, when a daemon answers nobody any more; what waits for it fails then. */
    public void onSilence(Consumer<String> told) {
        onSilence = told;
    }

    private synchronized Daemon.Search search() {
        Daemon.Search done = search;
        if (done == null || done.found() != null && done.found().isSilent()) {
            done = Daemon.search(environment, sentence -> onSilence.accept(sentence));
            search = done;
        }
        return done;
    }

    /** A daemon that answers within 2 seconds. */
    public Optional<Daemon> find() {
        return Optional.ofNullable(search().found());
    }

    /** Where one was looked for in vain, and what came of it. */
    public String tried() {
        List<String> tried = search().tried();
        return tried.isEmpty() ? "no socket of one is there" : String.join("; ", tried);
    }

    /**
     * A daemon that answers.
     *
     * @param what needs it: a tag, with its property
     * @throws CannotVerifyException if there is none
     */
    public Daemon require(String what) {
        return find().orElseThrow(() -> new CannotVerifyException(
                what + " needs a Docker daemon, and none answers: " + tried() + ".", Remedy.START_DOCKER));
    }

    @Override
    public synchronized void close() {
        if (search != null && search.found() != null) {
            search.found().close();
        }
    }
}
