package io.github.pgbackup.postgres;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A version of PostgreSQL.
 *
 * @param number the value of {@code server_version_num}: 150018 is 15.18, and 90624 is 9.6.24. A version under
 *     development counts as its release: 18beta1 is 180000.
 */
public record PostgresVersion(int number) implements Comparable<PostgresVersion> {

    /** The first version with a single-part major version; before, the major version was "9.6", not "9". */
    private static final int TWO_PARTS = 100_000;

    /**
     * The output of {@code --version}, or the value of {@code server_version}: both may end with the packager's suffix.
     */
    private static final Pattern PRINTED =
            Pattern.compile("(?:\\S+ \\([^)]*\\) )?(\\d{1,3})(?:\\.(\\d{1,3}))?(?:\\.(\\d{1,3}))?"
                    + "(?:(?:devel|alpha|beta|rc)\\d*)?(?:\\s.*)?");

    public PostgresVersion {
        if (number <= 0) {
            throw new IllegalArgumentException("Not a server_version_num: " + number + ".");
        }
    }

    public static PostgresVersion ofNumber(int number) {
        return new PostgresVersion(number);
    }

    /**
     * Parses the output of {@code --version} ({@code pg_dump (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)}) or the value
     * of {@code server_version} ({@code 16.15}, {@code 18beta1}, {@code 19devel}).
     *
     * @throws IllegalArgumentException if the text contains no version
     */
    public static PostgresVersion parse(String printed) {
        Matcher matcher = PRINTED.matcher(printed.strip());
        if (!matcher.matches()) {
            throw new IllegalArgumentException("Not a version of PostgreSQL: \"" + printed.strip() + "\".");
        }
        int first = Integer.parseInt(matcher.group(1));
        int second = part(matcher.group(2));
        int third = part(matcher.group(3));
        return new PostgresVersion(first < 10 ? first * 10_000 + second * 100 + third : first * 10_000 + second);
    }

    private static int part(@Nullable String digits) {
        return digits == null ? 0 : Integer.parseInt(digits);
    }

    /** The major version: 15 for 15.18. */
    public int major() {
        return number / 10_000;
    }

    @Override
    public int compareTo(PostgresVersion other) {
        return Integer.compare(number, other.number);
    }

    @Override
    public String toString() {
        return number >= TWO_PARTS
                ? major() + "." + number % 10_000
                : major() + "." + number / 100 % 100 + "." + number % 100;
    }
}
