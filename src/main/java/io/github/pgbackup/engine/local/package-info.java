/**
 * The engine that runs initdb and a server on a Unix socket, as a separate user of the operating system when the
 * build runs as root. The PostgreSQL programs are those found on the machine or handed in from the Maven
 * repository. No TCP listener, no Testcontainers and no Maven type may appear here.
 */
@NullMarked
package io.github.pgbackup.engine.local;

import org.jspecify.annotations.NullMarked;
