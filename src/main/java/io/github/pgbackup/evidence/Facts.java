package io.github.pgbackup.evidence;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What one step has found so far. A step makes its own, and its threads add to it; the run takes what is in it when the step
 * has ended. What a step found before it failed is in it, too.
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

    /** What was found since the last call, in the order in which it was found. */
    public synchronized List<Fact> take() {
        List<Fact> taken = List.copyOf(found);
        found.clear();
        return taken;
    }
}
