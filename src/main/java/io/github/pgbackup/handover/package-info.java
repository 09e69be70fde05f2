/**
 * The hand-over of a restored database to whoever works with it: the relay that alone leads to it, the file that says how to
 * connect, and what of a migration tool's own configuration would lead it elsewhere. Nothing here knows Maven, or what a
 * verification is.
 */
@NullMarked
package io.github.pgbackup.handover;

import org.jspecify.annotations.NullMarked;
