/**
 * The Maven goals. A goal reads its parameters into one immutable plan, makes one call, and turns the outcome into an
 * exception. Only this package may depend on Maven, its resolver or Plexus. It makes no decision about a backup.
 */
@NullMarked
package io.github.pgbackup.mojo;

import org.jspecify.annotations.NullMarked;
