package io.github.pgbackup.engine.local;

import io.github.pgbackup.CannotVerifyException;
import java.nio.file.Path;

/** Resolves artifacts from the Maven repository; everything goes through it, so that mirrors and offline mode work. */
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
