package io.github.pgbackup.plan;

import org.jspecify.annotations.Nullable;

/**
 * A server that must never become the restore target and must be running, unchanged, after the run. It has either an
 * address or a container.
 *
 * @param name its name in the evidence
 * @param container its name or id
 */
public record ProtectedEnvironment(
        String name,
        @Nullable DatabaseAddress address,
        @Nullable String container) {}
