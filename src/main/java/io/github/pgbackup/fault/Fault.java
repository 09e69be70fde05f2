package io.github.pgbackup.fault;

import io.github.pgbackup.expectation.ObjectKind;
import io.github.pgbackup.postgres.QualifiedName;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One fault of one object.
 *
 * @param name the object's name; null for a fault that is of no object
 * @param table the table that the object belongs to, or is; null for none
 * @param statements that make it; empty for a fault of the archive
 * @param question SQL for what the suggested expectation says of the sound database; null when it says nothing but that the
 *     object is there
 * @param unviable why it cannot be observed here, as far as the catalogs say; null when they say nothing
 */
public record Fault(
        FaultKind kind,
        @Nullable QualifiedName name,
        @Nullable QualifiedName table,
        List<String> statements,
        @Nullable String question,
        @Nullable String unviable) {

    public Fault {
        statements = List.copyOf(statements);
    }

    /** What it is of, as a person reads it; empty for a fault that is of no object. */
    public String object() {
        if (name == null) {
            return "";
        }
        return kind.objectKind() == null ? name.last() : name.toString();
    }

    /** What happened to the backup, in a clause. */
    public String sentence() {
        return kind.sentence(object());
    }

    /**
     * An expectation that would catch it.
     *
     * @param answer to the question in the sound database; empty when there is none
     */
    public Suggestion suggestion(String answer) {
        return kind.suggestion(this, answer);
    }

    QualifiedName knownName() {
        return Objects.requireNonNull(name, kind.tag());
    }

    QualifiedName knownTable() {
        return Objects.requireNonNull(table, kind.tag());
    }

    String knownQuestion() {
        return Objects.requireNonNull(question, kind.tag());
    }

    ObjectKind knownObjectKind() {
        return Objects.requireNonNull(kind.objectKind(), kind.tag());
    }
}
