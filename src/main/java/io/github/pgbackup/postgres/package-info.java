/**
 * PostgreSQL from a client's point of view: versions, installations and their programs, child processes, identifiers
 * and sessions. Everything else builds on it. Nothing here knows about backups, sources, throw-away servers or Maven.
 */
@NullMarked
package io.github.pgbackup.postgres;

import org.jspecify.annotations.NullMarked;
