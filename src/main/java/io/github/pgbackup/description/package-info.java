/**
 * Describes a database by its own catalogs: every row of every catalog, with each column rendered without OIDs, or excluded by
 * name with a reason. The statements are generated from the catalogs' own metadata. A column that a new major version adds is
 * described, or rejected until there is a rule for it; nothing is ignored. Two descriptions are compared object by object and
 * property by property. This package knows no archives, decides no verdict and renders no reports.
 */
@NullMarked
package io.github.pgbackup.description;

import org.jspecify.annotations.NullMarked;
