package io.github.pgbackup.backup.dump;

import io.github.pgbackup.Machine;
import io.github.pgbackup.archive.Archive;
import io.github.pgbackup.archive.PgDump;
import io.github.pgbackup.archive.Rate;
import io.github.pgbackup.disk.DiskSpace;
import io.github.pgbackup.engine.ChosenEngine;
import io.github.pgbackup.evidence.Fact;
import io.github.pgbackup.evidence.Facts;
import io.github.pgbackup.postgres.ClientPrograms;
import io.github.pgbackup.postgres.ClientSecurity;
import io.github.pgbackup.source.Snapshot;
import io.github.pgbackup.source.Source;
import io.github.pgbackup.stage.Progress;
import io.github.pgbackup.stage.Run;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Takes a dump of the source by pg_dump. */
public final class SourceDump {

    private final Run run;
    private final Source source;
    private final ClientPrograms client;

    private SourceDump(Run run, Source source, ClientPrograms client) {
        this.run = run;
        this.source = source;
        this.client = client;
    }

    /**
     * Chooses the pg_dump next to the source's server if only that one can reach the server; otherwise the engine's.
     */
    public static SourceDump by(ChosenEngine engine, Run run, Source source) throws InterruptedException {
        run.console().info("  engine " + engine.engine().name() + " (" + engine.reason() + ")");
        Optional<ClientPrograms> ofSource = source.programs();
        ClientPrograms client = ofSource.isPresent()
                ? ofSource.get()
                : engine.engine().dumpPrograms(source.identity().version(), source.host());
        run.console().info("  pg_dump " + client.version() + " in " + client.place());
        return new SourceDump(run, source, client);
    }

    public ClientPrograms client() {
        return client;
    }

    /** A warning if this version of the client is known to be vulnerable. */
    public Optional<String> warning() {
        return ClientSecurity.warning(client);
    }

    /**
     * Chooses what the plan does not configure.
     *
     * @param roomForText whether the disks would have room for an archive without compression, too
     */
    public DumpChoice choose(Snapshot snapshot, DiskSpace space, boolean roomForText)
            throws SQLException, InterruptedException {
        DumpChoice choice = DumpChoice.of(
                run.plan().backup(),
                client,
                space.database(),
                snapshot.tables(),
                snapshot.leavesRoomForWorkers(),
                roomForText,
                Machine.here());
        run.console().info("  " + choice.why());
        return choice;
    }

    /**
     * Takes the archive.
     *
     * @param target the file or directory to write; must not exist
     * @param facts the command line is added to it
     */
    public Archive take(Snapshot snapshot, DumpChoice choice, Map<String, Long> tableSizes, Path target, Facts facts)
            throws InterruptedException {
        PgDump dump = new PgDump(
                client,
                source.pgDumpEnvironment(client.version()),
                snapshot.id(),
                choice.format(),
                choice.compression(),
                choice.jobs(),
                run.plan().lockWaitTimeout());
        facts.add(new Fact.DumpCommand(dump.commandLine(target)));
        Progress progress = run.stages().telling(new Progress(tableSizes, choice.jobs(), System::nanoTime));
        Rate rate = run.plan().backup().maximumRate();
        return dump.run(
                target, run.folder().log("pg_dump"), rate == null ? progress : rate.throttle(progress), progress::line);
    }

    /** Logs the finished archive. */
    public void tell(Archive archive, String path) {
        run.console().info("  " + path);
        run.console()
                .info(String.format(Locale.ROOT, "  %,d bytes, ", archive.size())
                        + archive.contents().entries().size() + " entries, SHA-256 "
                        + archive.sha256().substring(0, 12) + "…");
    }
}
