package io.github.pgbackup.plan;

/**
 * A server that must never be the restore target and must be up, unchanged, after the run.
 *
 * @param name what the evidence calls it
 */
public record ProtectedEnvironment(String name, DatabaseAddress address) {}
