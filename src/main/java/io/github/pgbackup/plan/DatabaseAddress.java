package io.github.pgbackup.plan;

import org.jspecify.annotations.Nullable;

/**
 * Where a database is and whose credentials open it.
 *
 * @param tag the tag it was configured in, for messages
 * @param url a JDBC URL, valid and without a password
 * @param serverId the id of a {@code <server>} in settings.xml; null: environment, then pgpass
 */
public record DatabaseAddress(String tag, String url, @Nullable String serverId) {}
