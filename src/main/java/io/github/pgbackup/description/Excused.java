package io.github.pgbackup.description;

/**
 * A difference that a sound restore cannot avoid.
 *
 * @param rule why
 */
public record Excused(Finding finding, Rule rule) {}
