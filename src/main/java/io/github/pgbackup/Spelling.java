package io.github.pgbackup;

import java.util.Collection;
import java.util.Locale;

/** Guesses what somebody meant who misspelt a name. */
public final class Spelling {

    private Spelling() {}

    /** The allowed name that differs least, if by two letters (two that are swapped count as such) or by a third at most. */
    public static String nearest(String name, Collection<String> allowed) {
        String best = "";
        int least = Integer.MAX_VALUE;
        for (String each : allowed) {
            int distance = distance(name.toLowerCase(Locale.ROOT), each.toLowerCase(Locale.ROOT));
            if (distance < least) {
                least = distance;
                best = each;
            }
        }
        return least < best.length() && least <= Math.max(2, best.length() / 3) ? best : "";
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
