package io.github.pgbackup.plan;

import java.util.List;

/** The configuration cannot be carried out. It names every problem, not only the first. */
public final class InvalidConfigurationException extends Exception {

    private static final long serialVersionUID = 1L;

    private final transient List<String> problems;

    public InvalidConfigurationException(List<String> problems) {
        super(String.join("\n", problems));
        this.problems = List.copyOf(problems);
    }

    /** A sentence each: the tag, its value, what is allowed. */
    public List<String> problems() {
        return problems;
    }
}
