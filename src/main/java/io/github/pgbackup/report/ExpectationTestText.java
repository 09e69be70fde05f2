package io.github.pgbackup.report;

import io.github.pgbackup.Setting;
import io.github.pgbackup.evidence.EvidenceFile;
import io.github.pgbackup.fault.ExpectationTest;
import io.github.pgbackup.fault.FaultKind;
import io.github.pgbackup.fault.TestedFault;
import io.github.pgbackup.fault.TestedFault.Answer;
import io.github.pgbackup.fault.TestedFault.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The outcome of the faults, for a console and {@code SUMMARY.txt}: a table by kind, and the first misses. */
public final class ExpectationTestText {

    /** Number of misses to show in full; the files contain the others. */
    static final int MOST_MISSES = 5;

    private static final String NOT_ASKED = "-";

    private ExpectationTestText() {}

    /** The faults of one kind, and how many of them were caught. */
    record KindLine(String name, String made, String expectations, String source, String archiveAlone) {

        private static KindLine of(String name, List<TestedFault> faults) {
            return new KindLine(
                    name,
                    Wording.number(faults.size()),
                    Wording.number(faults.stream()
                            .filter(fault -> fault.outcome() == Outcome.CAUGHT)
                            .count()),
                    caught(faults, TestedFault::comparison),
                    caught(faults, TestedFault::archiveAlone));
        }

        private static String caught(List<TestedFault> faults, Function<TestedFault, @Nullable Answer> comparison) {
            List<Answer> answers =
                    faults.stream().map(comparison).filter(Objects::nonNull).toList();
            return answers.isEmpty()
                    ? NOT_ASKED
                    : Wording.number(answers.stream().filter(Answer::caught).count());
        }

        private String line() {
            return String.format(
                            Locale.ROOT, "  %-30s %5s %12s %6s %8s", name, made, expectations, source, archiveAlone)
                    .stripTrailing();
        }
    }

    /** A line for each kind of fault that was made, and finally one for all. */
    static List<KindLine> kinds(ExpectationTest test) {
        List<TestedFault> made =
                test.faults().stream().filter(TestedFault::isViable).toList();
        List<KindLine> lines = new ArrayList<>();
        for (FaultKind kind : FaultKind.values()) {
            List<TestedFault> ofKind = made.stream()
                    .filter(fault -> fault.kind().equals(kind.tag()))
                    .toList();
            if (!ofKind.isEmpty()) {
                lines.add(KindLine.of(kind.tag(), ofKind));
            }
        }
        lines.add(KindLine.of("all", made));
        return lines;
    }

    /**
     * Lines for a terminal.
     *
     * @param width columns that a line may have, 72 or more
     */
    public static List<String> lines(ExpectationTest test, int width) {
        List<String> lines = new ArrayList<>();
        lines.add("Expectations tested: "
                + Wording.plural(test.faults().size(), "fault") + ", seed " + test.seed() + ", "
                + Wording.duration(test.duration()));
        lines.add(new KindLine("", "", "caught by", "", "").line());
        lines.add(new KindLine("fault", "made", "expectations", "source", "archive").line());
        kinds(test).forEach(line -> lines.add(line.line()));
        lines.add("  The expectations catch " + test.percentCaught() + " %; "
                + Wording.number(test.count(Outcome.UNVIABLE)) + " changed nothing, "
                + Wording.number(test.count(Outcome.NOT_TRIED)) + " were not tried.");
        List<TestedFault> missed = test.missed();
        missed.stream().limit(MOST_MISSES).forEach(fault -> wrap(lines, "- " + sentence(test, fault), width));
        if (missed.size() > MOST_MISSES) {
            lines.add(
                    "- and " + Wording.number(missed.size() - MOST_MISSES) + " more: " + EvidenceFile.EXPECTATION_TEST);
        }
        if (!missed.isEmpty()) {
            lines.add("Expectations that would catch them: " + EvidenceFile.MISSING_EXPECTATIONS);
        }
        return lines;
    }

    /** A sentence about a miss that says what to do. */
    static String sentence(ExpectationTest test, TestedFault fault) {
        return "No expectation notices that " + Printable.text(fault.sentence()) + ". " + others(test, fault);
    }

    /** Whether the run itself compared with the source as it was when the backup was taken. */
    private static boolean isExact(ExpectationTest test) {
        return test.baseline().equals("snapshot") || test.baseline().equals("manifest");
    }

    private static String others(ExpectationTest test, TestedFault fault) {
        Answer source = fault.comparison();
        Answer here = isExact(test) ? source : fault.archiveAlone();
        if (here != null && here.caught()) {
            return "Only the comparison does.";
        }
        if (source != null && source.caught()) {
            return "A comparison with the source would, but the run made none.";
        }
        return "Nothing else does"
                + (fault.inContentAlone() ? "; " + Setting.COMPARISON.is("content") + " would." : ".");
    }

    private static void wrap(List<String> lines, String text, int width) {
        StringBuilder line = new StringBuilder();
        for (String word : words(text, width)) {
            if (!line.isEmpty() && line.length() + 1 + word.length() > width) {
                lines.add(line.toString());
                line.setLength(0);
                line.append("  ");
            } else if (!line.isEmpty()) {
                line.append(' ');
            }
            line.append(word);
        }
        lines.add(line.toString());
    }

    /** The words of a text; a name can be longer than a line. */
    private static List<String> words(String text, int width) {
        List<String> words = new ArrayList<>();
        for (String word : text.split(" ", -1)) {
            String rest = word;
            while (rest.length() > width - 2) {
                words.add(rest.substring(0, width - 2));
                rest = rest.substring(width - 2);
            }
            words.add(rest);
        }
        return words;
    }
}
