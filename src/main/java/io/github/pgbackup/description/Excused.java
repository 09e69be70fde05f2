package io.github.pgbackup.description;

/**
 * A difference that a restore cannot avoid.
 *
 * @param rule the reason
 */
public record Excused(Finding finding, Rule rule) {}
