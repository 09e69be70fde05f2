/**
 * Throw-away servers: what one is asked for, what it offers, and how isolated it is. How a server is made belongs to the packages
 * below, which do not know each other; nothing here knows what is restored.
 */
@NullMarked
package io.github.pgbackup.engine;

import org.jspecify.annotations.NullMarked;
