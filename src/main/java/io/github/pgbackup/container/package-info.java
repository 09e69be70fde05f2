/**
 * Containers as PostgreSQL needs them: find the Docker daemon, look at a container, run a program in it, open a JDBC
 * session through it. Everything goes through the daemon's socket; no port is published and no directory mounted. It is
 * the only package that knows Testcontainers and docker-java, and knows nothing of backups.
 */
@NullMarked
package io.github.pgbackup.container;

import org.jspecify.annotations.NullMarked;
