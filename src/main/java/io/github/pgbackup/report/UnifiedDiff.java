package io.github.pgbackup.report;

import com.github.difflib.DiffUtils;
import com.github.difflib.UnifiedDiffUtils;
import io.github.pgbackup.evidence.Check;
import java.util.List;

/** How the actual value of a failed check differs from the expected one, if both are texts of several lines. */
final class UnifiedDiff {

    /** Number of equal lines to show before and after a difference. */
    private static final int CONTEXT = 3;

    private UnifiedDiff() {}

    /** The lines of the diff, safe to print; empty if the values are better shown next to each other. */
    static List<String> of(Check check) {
        List<String> expected = check.expected().lines().toList();
        List<String> actual = check.actual().lines().toList();
        if (check.passed() || check.observations().isPresent() || expected.size() < 2 || actual.size() < 2) {
            return List.of();
        }
        return UnifiedDiffUtils.generateUnifiedDiff(
                        "expected", "actual", expected, DiffUtils.diff(expected, actual), CONTEXT)
                .stream()
                .map(Printable::text)
                .toList();
    }
}
