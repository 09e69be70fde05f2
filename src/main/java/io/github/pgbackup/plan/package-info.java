/**
 * What to verify: immutable records in which every default is applied once and every value is validated. A plan knows
 * nothing about Maven and reads no file, network or clock. It does not carry out anything, and nothing in it is null
 * unless documented.
 */
@NullMarked
package io.github.pgbackup.plan;

import org.jspecify.annotations.NullMarked;
