/**
 * Words of a sentence that depend on a value, such as a plural or a duration. Nothing here knows the subject of the sentence.
 */
@NullMarked
package io.github.pgbackup.text;

import org.jspecify.annotations.NullMarked;
