package io.github.pgbackup.text;

/** A number with its noun, in the singular or the plural. */
public final class Counted {

    private Counted() {}

    public static String of(long count, String noun) {
        return of(count, noun, noun + "s");
    }

    public static String of(long count, String noun, String plural) {
        return count + " " + (count == 1 ? noun : plural);
    }
}
