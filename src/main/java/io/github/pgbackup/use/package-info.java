/**
 * What is done with a restored database that has passed: faults are made in it to test the expectations, or it is
 * handed over to others and what they did is judged. Results are returned as values. Nothing here asks production.
 */
@NullMarked
package io.github.pgbackup.use;

import org.jspecify.annotations.NullMarked;
