/**
 * Writers of a finished verification report: text, JSON, JUnit XML, HTML, checksums. They compute nothing and do not
 * change the verdict. JSON libraries are used only here.
 */
@NullMarked
package io.github.pgbackup.report;

import org.jspecify.annotations.NullMarked;
