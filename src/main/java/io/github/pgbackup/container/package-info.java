/**
 * Containers for PostgreSQL: finds the Docker daemon, inspects containers, runs programs in them, and opens JDBC
 * sessions through them. Everything goes through the daemon's socket; no port is published and no directory is mounted.
 * This is the only package that knows Testcontainers and docker-java. It knows nothing about backups.
 */
@NullMarked
package io.github.pgbackup.container;

import org.jspecify.annotations.NullMarked;
