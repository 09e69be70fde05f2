package io.github.pgbackup.verification;

/** A number and what it counts. */
final class Counted {

    private Counted() {}

    static String of(long count, String noun) {
        return of(count, noun, noun + "s");
    }

    static String of(long count, String noun, String plural) {
        return count + " " + (count == 1 ? noun : plural);
    }
}
