/**
 * The kinds of expectations that a user can declare. Each evaluates itself in the archive and in the restored database,
 * and reports both observations. This package neither opens connections nor decides the verdict of a run.
 */
@NullMarked
package io.github.pgbackup.expectation;

import org.jspecify.annotations.NullMarked;
