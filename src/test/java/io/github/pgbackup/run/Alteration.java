package io.github.pgbackup.run;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * An alteration of a restored database, and the objects that the report may name: the names of failed checks, or how they
 * begin. The report must name at least one of them, and no other.
 *
 * @param kind its kind in the score
 */
record Alteration(String kind, List<String> objects, String sql) {

    /** A name with its schema, or else the kind and the first word of the name. */
    private static final Pattern NAMED = Pattern.compile("(\\S+\\.\\S+|^[A-Z ]+ \\S+)");

    Alteration {
        objects = List.copyOf(objects);
    }

    /** Whether a failed check is about one of the objects. */
    boolean isNamed(String check) {
        return objects.stream().anyMatch(object -> check.equals(object) || check.startsWith(object + " "));
    }

    /** The relations of the objects: alterations of one relation would hide each other in a batch. */
    private List<String> relations() {
        return objects.stream()
                .map(object -> {
                    Matcher named = NAMED.matcher(object);
                    return object.startsWith("TABLE DATA ") || !named.find() ? object : named.group(1);
                })
                .toList();
    }

    /** The alterations in {@code corpus/alterations.sql} that a server of this major supports, and one for each column type. */
    static List<Alteration> in(int major) {
        return Stream.concat(
                        written(major).stream(), OddDatabase.values().stream().map(OddDatabase.Value::alteration))
                .toList();
    }

    private static List<Alteration> written(int major) {
        List<Alteration> alterations = new ArrayList<>();
        String kind = "";
        String objects = "";
        boolean applies = false;
        for (String line : OddDatabase.resource("alterations.sql").split("\n", -1)) {
            if (line.startsWith("---- ")) {
                kind = line.substring("---- ".length());
            } else if (line.startsWith("-- from ")) {
                String[] since = line.substring("-- from ".length()).split(": ", 2);
                applies = major >= Integer.parseInt(since[0]);
                objects = since[1];
            } else if (line.startsWith("-- ")) {
                applies = true;
                objects = line.substring("-- ".length());
            } else if (!line.isEmpty() && applies) {
                alterations.add(new Alteration(kind, Arrays.asList(objects.split(" & ", -1)), line));
            }
        }
        return alterations;
    }

    /** Few lists, none of which has two alterations of the same object, because one would hide the other. */
    static List<List<Alteration>> batches(List<Alteration> all) {
        List<List<Alteration>> batches = new ArrayList<>();
        for (Alteration alteration : all) {
            batches.stream()
                    .filter(batch -> batch.stream()
                            .allMatch(other -> Collections.disjoint(other.relations(), alteration.relations())))
                    .findFirst()
                    .orElseGet(() -> {
                        batches.add(new ArrayList<>());
                        return batches.get(batches.size() - 1);
                    })
                    .add(alteration);
        }
        return batches;
    }
}
