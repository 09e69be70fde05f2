/**
 * Taking the archive with pg_dump and reading it: table of contents, entries, SHA-256. It reads the formats that
 * PostgreSQL writes and trusts no exit code. It does not restore, and it does not judge what it finds.
 */
@NullMarked
package io.github.pgbackup.archive;

import org.jspecify.annotations.NullMarked;
