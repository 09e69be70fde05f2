package io.github.pgbackup.plan;

import org.jspecify.annotations.Nullable;

/**
 * A server that must never be the restore target and must be up, unchanged, after the run. It is known by exactly one of
 * address and container.
 *
 * @param name what the evidence calls it
 * @param container its name or id
 */
public record ProtectedEnvironment(
        String name,
        @Nullable DatabaseAddress address,
        @Nullable String container) {}
