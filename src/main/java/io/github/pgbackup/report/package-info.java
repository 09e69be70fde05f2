/**
 * Writers of a finished verification report: text, JSON, JUnit XML, HTML, checksums. They compute nothing and
 * change no verdict. JSON libraries are used here and nowhere else.
 */
@NullMarked
package io.github.pgbackup.report;

import org.jspecify.annotations.NullMarked;
