/**
 * Words of a sentence that depend on a value, such as a plural. Nothing here knows what the sentence is about.
 */
@NullMarked
package io.github.pgbackup.text;

import org.jspecify.annotations.NullMarked;
