/**
 * Takes an archive with pg_dump and reads it: table of contents, entries, SHA-256. It reads the formats that PostgreSQL
 * writes and does not rely on exit codes. It does not restore anything and does not judge what it finds.
 */
@NullMarked
package io.github.pgbackup.archive;

import org.jspecify.annotations.NullMarked;
