/**
 * The Maven goals: parameters in, one immutable plan, one call, the outcome turned into an exception. This is the
 * only package that may know Maven, its resolver or Plexus. No decision about a backup is taken here.
 */
@NullMarked
package io.github.pgbackup.mojo;

import org.jspecify.annotations.NullMarked;
