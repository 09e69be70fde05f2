package io.github.pgbackup.plan;

import io.github.pgbackup.source.JdbcUrl;
import org.jspecify.annotations.Nullable;

/**
 * Where a database is, on the network or in a container, and which credentials to use.
 *
 * @param serverId the id of a {@code <server>} in settings.xml; null for the environment, then the password file
 */
public record DatabaseAddress(JdbcUrl url, @Nullable String serverId) {}
