package io.github.pgbackup.container;

import java.util.List;
import java.util.OptionalInt;

/**
 * An image on the daemon.
 *
 * @param name the requested name
 * @param id the hash of its contents
 * @param digests its digests in registries; empty for an image that was built locally
 * @param entrypoint the program that the image starts, with the command as arguments
 * @param major the major version of PostgreSQL according to the image ({@code PG_MAJOR}); empty if unknown
 */
public record Image(String name, String id, List<String> digests, List<String> entrypoint, OptionalInt major) {

    public Image {
        digests = List.copyOf(digests);
        entrypoint = List.copyOf(entrypoint);
    }

    /** The digest in the registry that the name refers to, or else the id. */
    public String digest() {
        int end = name.contains("@") ? name.indexOf('@') : name.lastIndexOf(':');
        String repository = end > name.lastIndexOf('/') ? name.substring(0, end) : name;
        return digests.stream()
                .filter(digest -> digest.startsWith(repository + "@"))
                .findFirst()
                .orElse(id);
    }
}
