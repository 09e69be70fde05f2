/**
 * The runs, which read from top to bottom: acquire, restore, check, use, conclude. The run collects what its steps return
 * and builds the report; nothing else knows how to build a report. Rendering of evidence and Maven's types do not belong
 * here.
 */
@NullMarked
package io.github.pgbackup.run;

import org.jspecify.annotations.NullMarked;
