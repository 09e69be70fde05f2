package io.github.pgbackup.text;

import java.math.BigDecimal;
import java.time.Duration;

/**
 * A duration in words, exact to the millisecond, for a limit and for what is compared with it: {@code 7 d},
 * {@code 1 h 30 min}, {@code 2.25 s}. Parts that are zero are left out.
 */
public final class ExactDuration {

    private ExactDuration() {}

    public static String of(Duration duration) {
        if (duration.isNegative()) {
            return "-" + of(duration.negated());
        }
        BigDecimal seconds = BigDecimal.valueOf(duration.toSecondsPart() * 1_000L + duration.toMillisPart(), 3)
                .stripTrailingZeros();
        String text = part(duration.toDays(), "d")
                + part(duration.toHoursPart(), "h")
                + part(duration.toMinutesPart(), "min");
        return (text.isEmpty() || seconds.signum() > 0 ? text + " " + seconds.toPlainString() + " s" : text).strip();
    }

    private static String part(long number, String unit) {
        return number == 0 ? "" : " " + number + " " + unit;
    }
}
