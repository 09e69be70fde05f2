/**
 * Faults that a backup can have, each from a real failure: how one is made in a restored database, and which expectation
 * would catch it. It asks no expectation and decides no verdict.
 */
@NullMarked
package io.github.pgbackup.fault;

import org.jspecify.annotations.NullMarked;
