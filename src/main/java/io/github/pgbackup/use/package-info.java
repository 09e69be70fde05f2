/**
 * Uses of a restored database that has passed: it tests the expectations with faults, or it is handed over to others
 * and their migrations are judged. Results are returned as values. Nothing here queries production.
 */
@NullMarked
package io.github.pgbackup.use;

import org.jspecify.annotations.NullMarked;
