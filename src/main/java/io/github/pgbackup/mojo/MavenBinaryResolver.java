package io.github.pgbackup.mojo;

import io.github.pgbackup.CannotVerifyException;
import io.github.pgbackup.Remedy;
import java.nio.file.Path;
import java.util.List;
import org.apache.maven.execution.MavenSession;
import org.apache.maven.project.MavenProject;
import org.eclipse.aether.RepositorySystem;
import org.eclipse.aether.artifact.DefaultArtifact;
import org.eclipse.aether.repository.RemoteRepository;
import org.eclipse.aether.resolution.ArtifactRequest;
import org.eclipse.aether.resolution.ArtifactResolutionException;

/** Resolves the server binaries as Maven resolves a plugin, so that mirrors, proxies and offline mode work. */
record MavenBinaryResolver(RepositorySystem repositories, MavenSession session) {

    Path resolve(String groupId, String artifactId, String version) {
        MavenProject project = session.getCurrentProject();
        List<RemoteRepository> remote = project.getRemotePluginRepositories();
        var artifact = new DefaultArtifact(groupId, artifactId, "jar", version);
        try {
            return repositories
                    .resolveArtifact(session.getRepositorySession(), new ArtifactRequest(artifact, remote, null))
                    .getArtifact()
                    .getFile()
                    .toPath();
        } catch (ArtifactResolutionException e) {
            throw new CannotVerifyException(
                    "The server binaries " + artifact + " cannot be resolved from the Maven repository.",
                    Remedy.INSTALL_THE_SERVER_OR_REACH_THE_REPOSITORY,
                    e);
        }
    }
}
