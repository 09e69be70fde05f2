/**
 * The environment of the tests and of the hooks of {@code src/it}: real PostgreSQL servers and the databases loaded
 * into them.
 *
 * <p>Nothing here uses the code under test, so a mistake in that code cannot hide itself.
 */
@NullMarked
package io.github.pgbackup.test;

import org.jspecify.annotations.NullMarked;
