/**
 * The engine starts a throw-away PostgreSQL server: connect, run a client tool, show the evidence of isolation,
 * stop and prove it gone. Nothing outside a server's own process may reach it over a network. How a server is
 * started belongs in a package below this one; what is restored into it belongs elsewhere.
 */
@NullMarked
package io.github.pgbackup.engine;

import org.jspecify.annotations.NullMarked;
