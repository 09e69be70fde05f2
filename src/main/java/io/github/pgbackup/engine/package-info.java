/**
 * Throw-away servers: how to request one, what it offers, and how isolated it is. The packages below create servers and
 * do not know each other. Nothing here knows what is restored.
 */
@NullMarked
package io.github.pgbackup.engine;

import org.jspecify.annotations.NullMarked;
