package io.github.pgbackup.plan;

import io.github.pgbackup.Interval;
import io.github.pgbackup.postgres.PostgresVersion;
import org.jspecify.annotations.Nullable;

/** What the source must be before anything is done with it; null: not asserted. */
public record ExpectedIdentity(
        @Nullable String database,
        @Nullable String role,
        @Nullable Boolean superuser,
        @Nullable Interval<PostgresVersion> serverVersion,
        @Nullable String systemIdentifier) {}
