/**
 * The engine that runs a server in a container without a network. All that is said to it, JDBC included, goes through the
 * daemon's socket into the container; it has no port and no mounted directory, so the daemon may be on another machine.
 */
@NullMarked
package io.github.pgbackup.engine.container;

import org.jspecify.annotations.NullMarked;
