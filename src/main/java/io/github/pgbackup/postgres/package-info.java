/**
 * PostgreSQL as seen from a client: versions, installations and their programs, child processes, identifiers and
 * sessions. Everything else builds on it. Nothing here knows of backups, sources, targets or Maven.
 */
@NullMarked
package io.github.pgbackup.postgres;

import org.jspecify.annotations.NullMarked;
