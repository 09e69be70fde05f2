package io.github.pgbackup.evidence;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The findings of one step so far. A step creates its own instance, and its threads add to it; the run takes the findings
 * when the step has ended, including those of a step that failed.
 */
public final class Facts {

    private final List<Fact> found = new ArrayList<>();

    public synchronized void add(Fact fact) {
        found.add(fact);
    }

    public void warn(String sentence) {
        add(new Fact.Warning(sentence));
    }

    public void warn(Optional<String> sentence) {
        sentence.ifPresent(this::warn);
    }

    public void warn(List<String> sentences) {
        sentences.forEach(this::warn);
    }

    /** The findings since the last call, in their order. */
    public synchronized List<Fact> take() {
        List<Fact> taken = List.copyOf(found);
        found.clear();
        return taken;
    }
}
