package io.github.pgbackup.plan;

import java.util.List;

/** The configuration is not valid. The exception names every problem, not only the first. */
public final class InvalidConfigurationException extends Exception {

    private static final long serialVersionUID = 1L;

    private final transient List<String> problems;

    public InvalidConfigurationException(List<String> problems) {
        super(String.join("\n", problems));
        this.problems = List.copyOf(problems);
    }

    /** One sentence per problem: the tag, its value, what is expected. */
    public List<String> problems() {
        return problems;
    }
}
