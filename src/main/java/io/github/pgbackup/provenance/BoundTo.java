package io.github.pgbackup.provenance;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a verdict is bound to. A release of anything else cannot rely on the verdict.
 *
 * @param commit the commit's id; empty for any commit
 * @param files the SHA-256 of each file by its path, relative to the project and with slashes; empty for any files
 */
public record BoundTo(Optional<String> commit, SortedMap<String, String> files) {

    public BoundTo {
        files = Collections.unmodifiableSortedMap(new TreeMap<>(files));
    }

    /**
     * How the current state differs from the verified one.
     *
     * @param verified the state that the evidence is bound to
     * @return a sentence for each difference, without a remedy
     */
    public List<String> differences(BoundTo verified) {
        List<String> differences = new ArrayList<>();
        commit.filter(id -> !verified.commit().equals(commit))
                .ifPresent(id -> differences.add("The evidence is bound to another commit: expected " + id + ", actual "
                        + verified.commit().orElse("none") + "."));
        if (files.isEmpty()) {
            return differences;
        }
        files.forEach((name, sha256) -> {
            String then = verified.files().get(name);
            if (then == null) {
                differences.add("The evidence is bound to other files: " + name
                        + " exists now, but did not exist when the backup was verified.");
            } else if (!then.equals(sha256)) {
                differences.add("The evidence is bound to other files: " + name + " has the SHA-256 " + sha256
                        + " now, but had " + then + " when the backup was verified.");
            }
        });
        verified.files().keySet().stream()
                .filter(name -> !files.containsKey(name))
                .forEach(name -> differences.add("The evidence is bound to other files: " + name
                        + " existed when the backup was verified, but does not exist now."));
        return differences;
    }
}
