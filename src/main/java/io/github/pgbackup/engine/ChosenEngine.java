package io.github.pgbackup.engine;

/**
 * The engine of a run.
 *
 * @param reason why it was chosen, for log and evidence
 */
public record ChosenEngine(Engine engine, String reason) {}
