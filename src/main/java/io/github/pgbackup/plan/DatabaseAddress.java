package io.github.pgbackup.plan;

import io.github.pgbackup.source.JdbcUrl;
import org.jspecify.annotations.Nullable;

/**
 * Where a database is, by network or in a container, and whose credentials open it.
 *
 * @param serverId the id of a {@code <server>} in settings.xml; null: environment, then the password file
 */
public record DatabaseAddress(JdbcUrl url, @Nullable String serverId) {}
