@org.jspecify.annotations.NullMarked
package io.github.pgbackup;
