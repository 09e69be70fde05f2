package io.github.pgbackup.engine.local;

import io.github.pgbackup.CannotVerifyException;
import java.nio.file.Path;

/** Gets artifacts from the Maven repository; the only door to it, so that mirrors and offline mode hold. */
@FunctionalInterface
public interface BinaryResolver {

    /**
     * Resolves a jar.
     *
     * @return the file in the local repository
     * @throws CannotVerifyException if it cannot be resolved
     */
    Path resolve(String groupId, String artifactId, String version);
}
