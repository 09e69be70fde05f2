package io.github.pgbackup;

import java.util.Collection;
import java.util.Locale;

/** Finds the name that a user probably meant by a misspelt one. */
public final class Spelling {

    private Spelling() {}

    /**
     * The most similar allowed name, if at most two letters or a third of them differ (a transposition counts as two).
     */
    public static String nearest(String name, Collection<String> allowed) {
        String best = "";
        int minimum = Integer.MAX_VALUE;
        for (String each : allowed) {
            int distance = distance(name.toLowerCase(Locale.ROOT), each.toLowerCase(Locale.ROOT));
            if (distance < minimum) {
                minimum = distance;
                best = each;
            }
        }
        return minimum < best.length() && minimum <= Math.max(2, best.length() / 3) ? best : "";
    }

    private static int distance(String a, String b) {
        int[] previous = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            previous[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int[] current = new int[b.length() + 1];
            current[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int substitution = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                current[j] = Math.min(substitution, Math.min(previous[j], current[j - 1]) + 1);
            }
            previous = current;
        }
        return previous[b.length()];
    }
}
