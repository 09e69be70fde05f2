/**
 * The engine that runs servers in containers without a network. All communication, including JDBC, goes through the
 * daemon's socket into the container. It has no ports and no mounted directories, so the daemon may run on another
 * machine.
 */
@NullMarked
package io.github.pgbackup.engine.container;

import org.jspecify.annotations.NullMarked;
