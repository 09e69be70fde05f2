package io.github.pgbackup.expectation;

import io.github.pgbackup.archive.SqlTokens;
import java.math.BigDecimal;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;

/**
 * A single statement of an expectation about its object; each becomes one check.
 *
 * @param aspect the tag of the statement: {@code present}, {@code rows}, {@code type} …
 * @param expected the expected value, as shown in the evidence
 * @param test whether an actual text satisfies it
 */
public record Claim(String aspect, String expected, Predicate<String> test) {

    static final String PRESENT = "present";
    static final String YES = "yes";
    static final String NO = "no";

    public static Claim present(boolean present) {
        String expected = present ? YES : NO;
        return new Claim(PRESENT, expected, expected::equals);
    }

    /** Ignores white space and the case of key words, because PostgreSQL reformats definitions. */
    public static Claim definition(String aspect, String expected) {
        String wanted = squeezed(expected);
        return new Claim(aspect, expected, actual -> squeezed(actual).equals(wanted));
    }

    public static Claim exactly(String aspect, String expected) {
        return new Claim(aspect, expected, expected::equals);
    }

    /** The name of a type, in any spelling. */
    public static Claim type(String expected) {
        TypeName wanted = TypeName.of(expected);
        return new Claim("type", expected, actual -> wanted.matches(TypeName.of(actual)));
    }

    public static Claim number(String aspect, Interval<BigDecimal> expected) {
        return new Claim(
                aspect, expected.toString(), actual -> isNumber(actual) && expected.contains(new BigDecimal(actual)));
    }

    /** A number or a range if the expected text is one, otherwise the exact text. */
    public static Claim returns(String expected) {
        try {
            Interval<BigDecimal> range = Interval.ofNumbers(expected);
            return new Claim(
                    "returns",
                    expected,
                    actual -> actual.equals(expected) || isNumber(actual) && range.contains(new BigDecimal(actual)));
        } catch (IllegalArgumentException e) {
            return exactly("returns", expected);
        }
    }

    Observation observation(String actual) {
        return Observation.of(test.test(actual), actual);
    }

    private static boolean isNumber(String text) {
        try {
            new BigDecimal(text);
            return true;
        } catch (NumberFormatException e) {
            return false;
        }
    }

    /** The tokens without the schema public, which a definition contains or not depending on the search path. */
    private static String squeezed(String definition) {
        List<SqlTokens.Token> tokens = SqlTokens.of(definition);
        StringBuilder squeezed = new StringBuilder();
        for (int i = 0; i < tokens.size(); i++) {
            SqlTokens.Token token = tokens.get(i);
            boolean ofPublic = token.isIdentifier() && token.identifier().equals("public");
            if (ofPublic && i + 1 < tokens.size() && tokens.get(i + 1).is(".")) {
                i++;
                continue;
            }
            if (token.is(";") && i + 1 == tokens.size()) {
                break;
            }
            String text = token.kind() == SqlTokens.Kind.WORD ? token.text().toLowerCase(Locale.ROOT) : token.text();
            squeezed.append(text.replace("'public.", "'")).append(' ');
        }
        return squeezed.toString();
    }
}
