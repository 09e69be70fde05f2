package io.github.pgbackup.container;

import java.util.List;
import java.util.OptionalInt;

/**
 * An image that the daemon has.
 *
 * @param name as it was asked for
 * @param id what its content hashes to
 * @param digests by which registries know it; empty for an image that was built here
 * @param entrypoint what the image starts, with the command as arguments
 * @param major the major version of PostgreSQL that it says it holds ({@code PG_MAJOR}); empty if it does not say
 */
public record Image(String name, String id, List<String> digests, List<String> entrypoint, OptionalInt major) {

    public Image {
        digests = List.copyOf(digests);
        entrypoint = List.copyOf(entrypoint);
    }

    /** The digest that the registry knows it by from which it has that name, else its id. */
    public String digest() {
        int end = name.contains("@") ? name.indexOf('@') : name.lastIndexOf(':');
        String repository = end > name.lastIndexOf('/') ? name.substring(0, end) : name;
        return digests.stream()
                .filter(digest -> digest.startsWith(repository + "@"))
                .findFirst()
                .orElse(id);
    }
}
