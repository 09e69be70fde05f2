package io.github.pgbackup.mojo;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.Remedy;
import io.github.pgbackup.evidence.VerificationReport;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Consumer;
import org.apache.maven.execution.ExecutionListener;
import org.apache.maven.execution.MavenSession;
import org.eclipse.aether.RepositorySystemSession;
import org.eclipse.aether.SessionData;
import org.jspecify.annotations.Nullable;

/**
 * The databases that the executions of one build have started and not yet stopped.
 *
 * @param started by execution
 */
record StartedOfBuild(MavenSession session, ConcurrentMap<String, Object> started) {

    private static final String KEY = StartedOfBuild.class.getName();

    /**
     * The databases of all modules. The session holds a map of the JDK's own types, because each plugin realm loads its
     * own copy of this class.
     */
    @SuppressWarnings("unchecked") // only this class stores a value under this key
    static StartedOfBuild of(MavenSession session) {
        RepositorySystemSession repositories = session.getRepositorySession();
        if (repositories == null) {
            return new StartedOfBuild(session, new ConcurrentHashMap<>()); // the goal runs outside a build
        }
        SessionData data = repositories.getData();
        // If two threads get here at the same time, the map of the first one is kept.
        data.set(KEY, null, new ConcurrentHashMap<>());
        return new StartedOfBuild(session, (ConcurrentMap<String, Object>) data.get(KEY));
    }

    /**
     * Refuses a second database for one execution.
     *
     * @throws CannotVerifyException if the execution has started a database and not stopped it
     */
    void requireNone(String execution) {
        if (started.containsKey(execution)) {
            throw new CannotVerifyException(
                    "start has already run in " + execution + ", but stop has not.",
                    MavenRemedy.START_AND_STOP_IN_ONE_EXECUTION);
        }
    }

    /**
     * Adds a database, and ends it with the build unless {@code stop} has ended it by then.
     *
     * @param ended receives the report if the database ends with the build
     */
    void add(String execution, StartedDatabase database, Consumer<VerificationReport> ended) {
        started.put(execution, database);
        atEndOfBuild(() -> remove(execution).ifPresent(left -> {
            try {
                ended.accept(left.end(new CannotVerifyException(
                        "The build ended before stop ran in " + execution + ", so the restored database ended too.",
                        Remedy.STOP_BEFORE_THE_BUILD_ENDS)));
            } catch (CannotVerifyException e) {
                return; // the build has ended, and reports its own error
            }
        }));
    }

    /** Removes and returns the database that an execution has started. */
    Optional<StartedDatabase> remove(String execution) {
        // A project loads the plugin in one realm, so both goals see the same class.
        return Optional.ofNullable((StartedDatabase) started.remove(execution));
    }

    /** Names of the executions that have started a database. */
    TreeSet<String> executions() {
        return new TreeSet<>(started.keySet());
    }

    /**
     * Runs an action at the end of the build. Maven notifies its listener while the plugins' classes can still be
     * loaded, even if the build fails. The JVM ends later or, with Maven's daemon, never.
     */
    private void atEndOfBuild(Runnable action) {
        synchronized (started) { // for mvn -T
            ExecutionListener former = session.getRequest().getExecutionListener();
            session.getRequest().setExecutionListener((ExecutionListener) Proxy.newProxyInstance(
                    ExecutionListener.class.getClassLoader(),
                    new Class<?>[] {ExecutionListener.class},
                    (proxy, method, arguments) -> {
                        if (method.getName().equals("sessionEnded")) {
                            action.run();
                        }
                        return pass(former, method, arguments);
                    }));
        }
    }

    private static @Nullable Object pass(
            @Nullable ExecutionListener former, java.lang.reflect.Method method, Object[] arguments) throws Throwable {
        if (former == null) {
            return null;
        }
        try {
            return method.invoke(former, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause() == null ? e : e.getCause();
        }
    }
}
