package io.github.pgbackup.provenance;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a verdict is bound to: a release of something else cannot rely on it.
 *
 * @param commit its id; null: of whatever commit
 * @param files the SHA-256 of each file by its path, relative to the project and with slashes; none: whatever files
 */
public record BoundTo(@Nullable String commit, SortedMap<String, String> files) {

    public BoundTo {
        files = Collections.unmodifiableSortedMap(new TreeMap<>(files));
    }

    /**
     * What of this, which is here, is otherwise than there.
     *
     * @param verified what the evidence is bound to
     * @return a sentence each, without what to do
     */
    public List<String> differences(BoundTo verified) {
        List<String> differences = new ArrayList<>();
        if (commit != null && !commit.equals(verified.commit())) {
            differences.add("The evidence is bound to another commit: expected " + commit + ", actual "
                    + (verified.commit() == null ? "none" : verified.commit()) + ".");
        }
        if (files.isEmpty()) {
            return differences;
        }
        files.forEach((name, sha256) -> {
            String then = verified.files().get(name);
            if (then == null) {
                differences.add("The evidence is bound to other files: " + name
                        + " is here, and was not there when the backup was verified.");
            } else if (!then.equals(sha256)) {
                differences.add("The evidence is bound to other files: " + name + " has the SHA-256 " + sha256
                        + " here, and had " + then + " when the backup was verified.");
            }
        });
        verified.files().keySet().stream()
                .filter(name -> !files.containsKey(name))
                .forEach(name -> differences.add("The evidence is bound to other files: " + name
                        + " was there when the backup was verified, and is not here."));
        return differences;
    }
}
