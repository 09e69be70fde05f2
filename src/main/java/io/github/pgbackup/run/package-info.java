/**
 * The runs, told from top to bottom: acquire, restore, check, use, conclude. The run collects what its steps return and
 * makes the report of it; nothing else knows how a report is built. Neither rendering of evidence nor anything of Maven
 * belongs here.
 */
@NullMarked
package io.github.pgbackup.run;

import org.jspecify.annotations.NullMarked;
