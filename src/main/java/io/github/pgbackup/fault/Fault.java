package io.github.pgbackup.fault;

import io.github.pgbackup.expectation.ObjectKind;
import io.github.pgbackup.postgres.QualifiedName;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A fault in an object.
 *
 * @param name the object's name; null for a fault without an object
 * @param table the table that the object belongs to, or is; null for none
 * @param statements statements that cause it; empty for a fault of the archive
 * @param question SQL for the value of the suggested expectation in the intact database; null when the expectation only
 *     says that the object exists
 * @param unviable why it cannot be observed here, according to the catalogs; null when they do not say
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

    /** The object in readable form; empty for a fault without an object. */
    public String object() {
        if (name == null) {
            return "";
        }
        return kind.objectKind() == null ? name.last() : name.toString();
    }

    /** What happened to the backup, as a clause. */
    public String sentence() {
        return kind.sentence(object());
    }

    /**
     * An expectation that would catch the fault.
     *
     * @param answer to the question in the intact database; empty when there is no question
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
