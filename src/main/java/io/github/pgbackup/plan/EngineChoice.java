package io.github.pgbackup.plan;

import java.util.Locale;

/** Which engine starts the throw-away server. */
public enum EngineChoice {
    AUTO,
    CONTAINER,
    LOCAL;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
