package io.github.pgbackup.backup.stored;

import io.github.pgbackup.baseline.LiveRows;
import io.github.pgbackup.evidence.Facts;
import io.github.pgbackup.production.Production;
import io.github.pgbackup.production.Production.Answers;
import io.github.pgbackup.production.ProtectedState;
import io.github.pgbackup.production.SourceOpener;
import io.github.pgbackup.source.ServerIdentity;
import io.github.pgbackup.source.Snapshot;
import io.github.pgbackup.stage.Run;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The live source that an existing archive is compared with. It has changed since the archive was taken. So only its
 * tables and their rows are counted, under one snapshot, and only losses are differences.
 */
public final class LiveReference implements AutoCloseable {

    private final Run run;
    private final SourceOpener sources;
    private @Nullable Production guarded;
    private @Nullable Answers answers;

    public LiveReference(Run run, SourceOpener sources) {
        this.run = run;
        this.sources = sources;
    }

    /**
     * Checks that this is the expected database.
     *
     * @param facts receives the findings of this and later steps
     */
    void guard(Facts facts) throws Exception {
        guarded = run.stages().run("guard source", () -> Production.guard(run, sources, facts));
    }

    private Production production() {
        return Objects.requireNonNull(guarded);
    }

    /** The server that must not be the restore target. */
    ProtectedState state() {
        ServerIdentity identity = production().source().identity();
        return ProtectedState.of(identity, production().source().container());
    }

    LiveRows count() throws Exception {
        Production production = production();
        return run.stages()
                .concurrently(
                        "count rows of source",
                        () -> production.ask(() -> {
                            Snapshot snapshot = production.takeSnapshot();
                            Answers given = production.counts(snapshot);
                            answers = production.release(snapshot, given);
                            return new LiveRows(
                                    Objects.requireNonNull(given.observations().tables()), snapshot.takenAt());
                        }));
    }

    void inspectAfterwards() throws Exception {
        Production production = production();
        run.stages()
                .run(
                        "production afterwards",
                        () -> production.ask(() -> {
                            production.inspectAfterwards(Objects.requireNonNull(answers));
                            return answers;
                        }));
    }

    @Override
    public void close() {
        if (guarded != null) {
            guarded.close();
        }
    }
}
