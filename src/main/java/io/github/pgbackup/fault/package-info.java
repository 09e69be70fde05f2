/**
 * Faults that a backup may have, each from a real failure: how to cause them in a restored database, and which
 * expectation would catch them. This package evaluates no expectations and decides no verdict.
 */
@NullMarked
package io.github.pgbackup.fault;

import org.jspecify.annotations.NullMarked;
