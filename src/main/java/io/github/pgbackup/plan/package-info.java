/**
 * What to verify: immutable records in which every default has been applied once and every value has been
 * validated with its remedy. A plan knows no Maven and reads no file, network or clock. It does not carry
 * anything out, and nothing in it is null unless it says so.
 */
@NullMarked
package io.github.pgbackup.plan;

import org.jspecify.annotations.NullMarked;
