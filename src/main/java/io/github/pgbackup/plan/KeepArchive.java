package io.github.pgbackup.plan;

/** Whether the archive stays after the run: it holds production data. */
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
