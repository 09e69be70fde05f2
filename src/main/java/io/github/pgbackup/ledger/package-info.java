/**
 * The comparison of source, archive and restored database, object by object and table by table, and the
 * differences it finds. It works on figures that others have gathered. It runs no query and renders nothing.
 */
@NullMarked
package io.github.pgbackup.ledger;

import org.jspecify.annotations.NullMarked;
