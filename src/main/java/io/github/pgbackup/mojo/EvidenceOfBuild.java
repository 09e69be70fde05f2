package io.github.pgbackup.mojo;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.report.BuildPage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.apache.maven.execution.MavenSession;
import org.eclipse.aether.RepositorySystemSession;
import org.eclipse.aether.SessionData;

/**
 * The folders to which the executions of one build have written evidence. Two executions cannot share a folder, because
 * the second one would delete the evidence of the first.
 *
 * @param writers the execution that owns each folder
 */
record EvidenceOfBuild(ConcurrentMap<Path, String> writers, ConcurrentMap<Path, Map<String, String>> verdicts) {

    private static final String KEY = EvidenceOfBuild.class.getName();
    private static final String VERDICTS = KEY + ".verdicts";

    /**
     * The folders of all modules. The session holds a map of the JDK's own types, because each plugin realm loads its
     * own copy of this class.
     */
    @SuppressWarnings("unchecked") // only this class stores a value under this key
    static EvidenceOfBuild of(MavenSession session) {
        RepositorySystemSession repositories = session.getRepositorySession();
        if (repositories == null) {
            return new EvidenceOfBuild(
                    new ConcurrentHashMap<>(), new ConcurrentHashMap<>()); // the goal runs outside a build
        }
        SessionData data = repositories.getData();
        // If two threads get here at the same time, the map of the first one is kept.
        data.set(KEY, null, new ConcurrentHashMap<>());
        data.set(VERDICTS, null, new ConcurrentHashMap<>());
        return new EvidenceOfBuild(
                (ConcurrentMap<Path, String>) data.get(KEY),
                (ConcurrentMap<Path, Map<String, String>>) data.get(VERDICTS));
    }

    /** Writes the page of all executions of the build that have ended, once there are at least two. */
    void ended(Path folder, Map<String, String> line, Path page) throws IOException {
        synchronized (verdicts) { // Maven can build modules in parallel
            verdicts.put(folder.toAbsolutePath().normalize(), line);
            if (verdicts.size() > 1) {
                BuildPage.write(page, verdicts.values());
            }
        }
    }

    /**
     * Claims a folder for an execution, which may run more than once.
     *
     * @throws CannotVerifyException if another execution has claimed the folder
     */
    void claim(Path folder, String execution) {
        String other = writers.putIfAbsent(folder.toAbsolutePath().normalize(), execution);
        if (other != null && !other.equals(execution)) {
            throw new CannotVerifyException(
                    "The evidence folder " + folder + " holds the evidence of " + other + ", written in this build; "
                            + execution + " would delete it.",
                    MavenRemedy.GIVE_EACH_EXECUTION_ITS_OWN_FOLDER);
        }
    }
}
