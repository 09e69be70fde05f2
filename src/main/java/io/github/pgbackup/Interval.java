package io.github.pgbackup;

import io.github.pgbackup.postgres.PostgresVersion;
import java.math.BigDecimal;
import java.util.Comparator;
import java.util.function.Function;
import java.util.function.ToIntBiFunction;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A range in the notation of Maven's version ranges: {@code 86} (exactly), {@code [1,)}, {@code [1,100]}, {@code (,0]}.
 *
 * <p>Unlike Maven's, a bare value is a requirement and not a wish, and there are no unions of ranges.
 *
 * @param <T> what is tested
 */
public final class Interval<T> {

    private static final Pattern VERSION = Pattern.compile("\\d{1,4}(\\.\\d{1,4})?");

    private final String text;
    private final ToIntBiFunction<String, T> boundToValue;
    private final @Nullable String lower;
    private final @Nullable String upper;
    private final boolean lowerIncluded;
    private final boolean upperIncluded;

    private Interval(String text, String allowed, ToIntBiFunction<String, T> boundToValue, Comparator<String> bounds) {
        this.text = text;
        this.boundToValue = boundToValue;
        boolean exact = !text.startsWith("[") && !text.startsWith("(");
        String inner = text;
        if (!exact) {
            char last = text.charAt(text.length() - 1);
            if (text.length() < 3 || (last != ']' && last != ')') || text.indexOf(',') != text.lastIndexOf(',')) {
                throw new IllegalArgumentException(allowed);
            }
            inner = text.substring(1, text.length() - 1);
        }
        int comma = inner.indexOf(',');
        this.lower = bound(comma < 0 ? inner : inner.substring(0, comma));
        this.upper = bound(comma < 0 ? inner : inner.substring(comma + 1));
        this.lowerIncluded = exact || text.startsWith("[");
        this.upperIncluded = exact || text.endsWith("]");
        if (lower == null && upper == null || lower == null && comma < 0) {
            throw new IllegalArgumentException(allowed);
        }
        if (lower == null && text.startsWith("[") || upper == null && text.endsWith("]")) {
            throw new IllegalArgumentException("an open end is written with a round bracket: [1,) or (,0]");
        }
        try {
            if (lower != null && upper != null) {
                int order = bounds.compare(lower, upper);
                if (order > 0 || (order == 0 && !(lowerIncluded && upperIncluded))) {
                    throw new IllegalArgumentException(
                            "no value lies in this range: its lower end is not below its upper");
                }
            } else {
                bounds.compare(lower == null ? "0" : lower, upper == null ? "0" : upper);
            }
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(allowed, e);
        }
    }

    private static @Nullable String bound(String text) {
        String trimmed = text.trim();
        return trimmed.isEmpty() ? null : trimmed;
    }

    /**
     * A range of numbers.
     *
     * @throws IllegalArgumentException with what is allowed as its message
     */
    public static Interval<BigDecimal> ofNumbers(String text) {
        return new Interval<>(
                text.trim(),
                "allowed is a number or a range of numbers: 86 (exactly), [1,), [1,100], (,0]",
                (bound, value) -> new BigDecimal(bound).compareTo(value),
                Comparator.comparing(BigDecimal::new));
    }

    /**
     * A range of server versions. A bound speaks of as many parts as it names: 16.4 lies in {@code 16}, in
     * {@code [16,17)} and in {@code [13,16]}, and not in {@code (16,)}.
     *
     * @throws IllegalArgumentException with what is allowed as its message
     */
    public static Interval<PostgresVersion> ofVersions(String text) {
        Function<String, int[]> parts = bound -> {
            if (!VERSION.matcher(bound).matches()) {
                throw new NumberFormatException(bound);
            }
            int dot = bound.indexOf('.');
            return dot < 0
                    ? new int[] {Integer.parseInt(bound)}
                    : new int[] {Integer.parseInt(bound.substring(0, dot)), Integer.parseInt(bound.substring(dot + 1))};
        };
        return new Interval<>(
                text.trim(),
                "allowed is a version or a range of versions: 16 (any 16.x), 16.4, [16,17), [13,)",
                (bound, value) -> {
                    int[] named = parts.apply(bound);
                    int major = Integer.compare(named[0], value.major());
                    return major != 0 || named.length == 1 ? major : Integer.compare(named[1], value.number() % 10_000);
                },
                Comparator.comparing(parts, java.util.Arrays::compare));
    }

    public boolean contains(T value) {
        int fromLower = lower == null ? -1 : boundToValue.applyAsInt(lower, value);
        int fromUpper = upper == null ? 1 : boundToValue.applyAsInt(upper, value);
        return (lowerIncluded ? fromLower <= 0 : fromLower < 0) && (upperIncluded ? fromUpper >= 0 : fromUpper > 0);
    }

    /** As the user wrote it. */
    @Override
    public String toString() {
        return text;
    }
}
