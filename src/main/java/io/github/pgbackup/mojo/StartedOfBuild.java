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
 * What executions of one build have started and not stopped yet.
 *
 * @param started by execution
 */
record StartedOfBuild(MavenSession session, ConcurrentMap<String, Object> started) {

    private static final String KEY = StartedOfBuild.class.getName();

    /** Those of all modules: the data of a session holds a map of the JDK's, as each realm has classes of its own. */
    @SuppressWarnings("unchecked") // what is under this key comes from here
    static StartedOfBuild of(MavenSession session) {
        RepositorySystemSession repositories = session.getRepositorySession();
        if (repositories == null) {
            return new StartedOfBuild(session, new ConcurrentHashMap<>()); // a goal that is run outside of a build
        }
        SessionData data = repositories.getData();
        // Of two threads the first one's is kept.
        data.set(KEY, null, new ConcurrentHashMap<>());
        return new StartedOfBuild(session, (ConcurrentMap<String, Object>) data.get(KEY));
    }

    /**
     * Refuses a second database of one execution.
     *
     * @throws CannotVerifyException when it has started one and not stopped it
     */
    void requireNone(String execution) {
        if (started.containsKey(execution)) {
            throw new CannotVerifyException(
                    "start has run in " + execution + " already, and stop has not.",
                    MavenRemedy.START_AND_STOP_IN_ONE_EXECUTION);
        }
    }

    /**
     * Adds one, and ends it with the build unless it has been stopped by then.
     *
     * @param ended is told what came of it then
     */
    void add(String execution, StartedDatabase database, Consumer<VerificationReport> ended) {
        started.put(execution, database);
        atEndOfBuild(() -> remove(execution).ifPresent(left -> {
            try {
                ended.accept(left.end(new CannotVerifyException(
                        "The build ended before stop of " + execution + ": the restored database was ended with it.",
                        Remedy.STOP_BEFORE_THE_BUILD_ENDS)));
            } catch (CannotVerifyException e) {
                return; // the build has ended, and has its own error
            }
        }));
    }

    /** The one that an execution has started; it is no longer among them. */
    Optional<StartedDatabase> remove(String execution) {
        // A project has one realm of the plugin, whose class this is.
        return Optional.ofNullable((StartedDatabase) started.remove(execution));
    }

    /** The names of executions that have started one. */
    TreeSet<String> executions() {
        return new TreeSet<>(started.keySet());
    }

    /**
     * Maven tells its listener of the end while the plugins' classes are still there, and also when the build fails; the end of
     * the JVM comes later, or with Maven's daemon never.
     */
    private void atEndOfBuild(Runnable action) {
        synchronized (started) { // mvn -T
            ExecutionListener told = session.getRequest().getExecutionListener();
            session.getRequest().setExecutionListener((ExecutionListener) Proxy.newProxyInstance(
                    ExecutionListener.class.getClassLoader(),
                    new Class<?>[] {ExecutionListener.class},
                    (proxy, method, arguments) -> {
                        if (method.getName().equals("sessionEnded")) {
                            action.run();
                        }
                        return pass(told, method, arguments);
                    }));
        }
    }

    private static @Nullable Object pass(
            @Nullable ExecutionListener told, java.lang.reflect.Method method, Object[] arguments) throws Throwable {
        if (told == null) {
            return null;
        }
        try {
            return method.invoke(told, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause() == null ? e : e.getCause();
        }
    }
}
