package io.github.pgbackup.expectation;

import io.github.pgbackup.postgres.PostgresVersion;
import java.math.BigDecimal;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A range in the notation of Maven's version ranges: {@code 86} (exactly), {@code [1,)}, {@code [1,100]}, {@code (,0]}.
 *
 * <p>Unlike in Maven, a bare value is a strict requirement, and there are no unions of ranges.
 *
 * @param <T> the type of the tested values
 */
public final class Interval<T> {

    private static final String NUMBERS = "expected a number or a range of numbers: 86 (exactly), [1,), [1,100], (,0]";
    private static final String VERSIONS =
            "expected a version or a range of versions: 16 (any 16.x), 16.4, [16,17), [13,)";

    private static final Pattern RANGE = Pattern.compile("([\\[(])([^,\\[\\]()]*),([^,\\[\\]()]*)([\\])])");
    private static final Pattern VERSION = Pattern.compile("(\\d{1,4})(?:\\.(\\d{1,4}))?");

    private final String text;
    private final Predicate<T> test;

    private Interval(String text, Predicate<T> test) {
        this.text = text;
        this.test = test;
    }

    /** The ends of a range as written; an open end is null. */
    private record Ends(
            @Nullable String lower,
            boolean lowerIncluded,
            @Nullable String upper,
            boolean upperIncluded) {

        static Ends of(String text, String allowed) {
            Matcher range = RANGE.matcher(text);
            if (!range.matches()) {
                String exact = text.startsWith("[") && text.endsWith("]") ? text.substring(1, text.length() - 1) : text;
                return new Ends(exact.strip(), true, exact.strip(), true);
            }
            String lower = range.group(2).isBlank() ? null : range.group(2).strip();
            String upper = range.group(3).isBlank() ? null : range.group(3).strip();
            boolean lowerIncluded = range.group(1).equals("[");
            boolean upperIncluded = range.group(4).equals("]");
            if (lower == null && upper == null) {
                throw new IllegalArgumentException(allowed);
            }
            if (lower == null && lowerIncluded || upper == null && upperIncluded) {
                throw new IllegalArgumentException("an open end needs a round bracket: [1,) or (,0]");
            }
            return new Ends(lower, lowerIncluded, upper, upperIncluded);
        }
    }

    /**
     * A range of numbers.
     *
     * @throws IllegalArgumentException whose message says what is expected
     */
    public static Interval<BigDecimal> ofNumbers(String text) {
        String range = text.strip();
        Ends ends = Ends.of(range, NUMBERS);
        BigDecimal lower = ends.lower() == null ? null : number(ends.lower());
        BigDecimal upper = ends.upper() == null ? null : number(ends.upper());
        if (lower != null && upper != null) {
            int order = lower.compareTo(upper);
            requireNotEmpty(order < 0 || order == 0 && ends.lowerIncluded() && ends.upperIncluded());
        }
        return new Interval<>(range, value -> {
            int fromLower = lower == null ? -1 : lower.compareTo(value);
            int toUpper = upper == null ? -1 : value.compareTo(upper);
            return (fromLower < 0 || fromLower == 0 && ends.lowerIncluded())
                    && (toUpper < 0 || toUpper == 0 && ends.upperIncluded());
        });
    }

    /**
     * A range of numbers of rows, which are whole and not negative.
     *
     * @throws IllegalArgumentException whose message says what is expected
     */
    public static Interval<BigDecimal> ofCounts(String text) {
        Interval<BigDecimal> range = ofNumbers(text);
        Ends ends = Ends.of(range.text, NUMBERS);
        BigDecimal lower = ends.lower() == null ? BigDecimal.ZERO : number(ends.lower());
        BigDecimal upper = ends.upper() == null ? null : number(ends.upper());
        if (lower.signum() < 0 || upper != null && upper.signum() < 0 || !isWhole(lower) || !isWhole(upper)) {
            throw new IllegalArgumentException("a number of rows must be a whole number that is not negative");
        }
        BigDecimal minimum = ends.lower() == null || ends.lowerIncluded() ? lower : lower.add(BigDecimal.ONE);
        BigDecimal maximum = upper == null || ends.upperIncluded() ? upper : upper.subtract(BigDecimal.ONE);
        if (maximum != null && minimum.compareTo(maximum) > 0) {
            throw new IllegalArgumentException("the range contains no number of rows");
        }
        return range;
    }

    /**
     * A range whose ends are whole numbers.
     *
     * @throws IllegalArgumentException whose message says what is expected
     */
    public static Interval<BigDecimal> ofWholeNumbers(String text) {
        Interval<BigDecimal> range = ofNumbers(text);
        Ends ends = Ends.of(range.text, NUMBERS);
        if (ends.lower() != null && !isWhole(number(ends.lower()))
                || ends.upper() != null && !isWhole(number(ends.upper()))) {
            throw new IllegalArgumentException("the value of a sequence must be a whole number");
        }
        return range;
    }

    private static boolean isWhole(@Nullable BigDecimal number) {
        return number == null || number.stripTrailingZeros().scale() <= 0;
    }

    private static BigDecimal number(String text) {
        try {
            return new BigDecimal(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(NUMBERS, e);
        }
    }

    /**
     * A range of server versions. A bound is as precise as it is written: 16.4 is in {@code 16}, in {@code [16,17)} and
     * in {@code [13,16]}, but not in {@code (16,)}.
     *
     * @throws IllegalArgumentException whose message says what is expected
     */
    public static Interval<PostgresVersion> ofVersions(String text) {
        String range = text.strip();
        Ends ends = Ends.of(range, VERSIONS);
        int from = ends.lower() == null ? 0 : firstNumber(ends.lower(), !ends.lowerIncluded());
        int before = ends.upper() == null ? Integer.MAX_VALUE : firstNumber(ends.upper(), ends.upperIncluded());
        requireNotEmpty(from < before);
        return new Interval<>(range, version -> version.number() >= from && version.number() < before);
    }

    /** The lowest server_version_num of a version such as 16 or 16.4, or the lowest after it. */
    private static int firstNumber(String version, boolean behind) {
        Matcher matcher = VERSION.matcher(version);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(VERSIONS);
        }
        int major = Integer.parseInt(matcher.group(1));
        String minor = matcher.group(2);
        return minor == null
                ? (major + (behind ? 1 : 0)) * 10_000
                : major * 10_000 + Integer.parseInt(minor) + (behind ? 1 : 0);
    }

    private static void requireNotEmpty(boolean holdsSomething) {
        if (!holdsSomething) {
            throw new IllegalArgumentException("the range is empty: its lower end is not below its upper end");
        }
    }

    public boolean contains(T value) {
        return test.test(value);
    }

    /** The range as the user wrote it. */
    @Override
    public String toString() {
        return text;
    }
}
