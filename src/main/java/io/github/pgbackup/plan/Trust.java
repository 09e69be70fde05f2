package io.github.pgbackup.plan;

import org.jspecify.annotations.Nullable;

/**
 * What a run does so that others can rely on its verdict.
 *
 * @param signatureServerId the {@code <server>} of settings.xml whose key signs the evidence; null: it is not signed
 */
public record Trust(@Nullable String signatureServerId) {}
