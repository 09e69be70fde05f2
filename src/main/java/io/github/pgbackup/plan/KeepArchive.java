package io.github.pgbackup.plan;

/** Whether to keep the archive after the run: it contains production data. */
public enum KeepArchive {
    ALWAYS("always"),
    ON_SUCCESS("on-success"),
    NEVER("never");

    private final String text;

    KeepArchive(String text) {
        this.text = text;
    }

    @Override
    public String toString() {
        return text;
    }
}
