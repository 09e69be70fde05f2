/**
 * A database described by its own catalogs: every row of every catalog of PostgreSQL, with each column rendered without
 * OIDs, or left out by name with a reason. The statements are generated from the catalogs' own metadata, so that what a new
 * major adds is described, or refused until there is a rule for it; nothing is passed over. Two descriptions are compared
 * object by object and property by property. It knows no archive, decides no verdict and renders nothing.
 */
@NullMarked
package io.github.pgbackup.description;

import org.jspecify.annotations.NullMarked;
