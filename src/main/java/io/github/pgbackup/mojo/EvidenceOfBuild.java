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
 * The folders that executions of one build have written evidence to: a second one would delete what the first one found.
 *
 * @param writers the execution that a folder belongs to
 */
record EvidenceOfBuild(ConcurrentMap<Path, String> writers, ConcurrentMap<Path, Map<String, String>> verdicts) {

    private static final String KEY = EvidenceOfBuild.class.getName();
    private static final String VERDICTS = KEY + ".verdicts";

    /** Those of all modules; the data of a session holds a map of the JDK's, as each realm has classes of its own. */
    @SuppressWarnings("unchecked") // what is under this key comes from here
    static EvidenceOfBuild of(MavenSession session) {
        RepositorySystemSession repositories = session.getRepositorySession();
        if (repositories == null) {
            return new EvidenceOfBuild(
                    new ConcurrentHashMap<>(), new ConcurrentHashMap<>()); // a goal that is run outside of a build
        }
        SessionData data = repositories.getData();
        // Of two threads the first one's is kept.
        data.set(KEY, null, new ConcurrentHashMap<>());
        data.set(VERDICTS, null, new ConcurrentHashMap<>());
        return new EvidenceOfBuild(
                (ConcurrentMap<Path, String>) data.get(KEY),
                (ConcurrentMap<Path, Map<String, String>>) data.get(VERDICTS));
    }

    /** Writes the page over all executions of the build that have ended, as soon as there are two. */
    void ended(Path folder, Map<String, String> line, Path page) throws IOException {
        synchronized (verdicts) { // modules can be built at the same time
            verdicts.put(folder.toAbsolutePath().normalize(), line);
            if (verdicts.size() > 1) {
                BuildPage.write(page, verdicts.values());
            }
        }
    }

    /**
     * Takes a folder for an execution, which may be run again.
     *
     * @throws CannotVerifyException when another one has it
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
