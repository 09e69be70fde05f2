package io.github.pgbackup.report;

import io.github.pgbackup.Setting;
import io.github.pgbackup.comparison.DatabaseObservations;
import io.github.pgbackup.evidence.TakenBackup;
import io.github.pgbackup.evidence.VerificationReport;
import io.github.pgbackup.manifest.Manifest;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** {@code BACKUP.txt}: what take-backup did and found. */
public final class BackupText {

    /** Its name in the folder. */
    private static final String UNTESTED =
            "This backup has not been restored; verify-backup with " + Setting.ARCHIVE_FILE + " tests it.";

    private BackupText() {}

    /** The line for the console when the backup is complete. */
    public static String line(TakenBackup backup) {
        return "take-backup: " + backup.archive() + ", " + held(backup.manifest()) + "; nothing was restored";
    }

    private static String held(Manifest manifest) {
        DatabaseObservations tables = manifest.content().observations().tables();
        return tables == null
                ? "no rows counted"
                : Wording.plural(
                                tables.tables().values().stream()
                                        .mapToLong(DatabaseObservations.TableObservation::rows)
                                        .sum(),
                                "row")
                        + " in " + Wording.plural(tables.tables().size(), "table");
    }

    public static String of(TakenBackup backup) {
        Manifest.Source source = backup.manifest().source();
        Manifest.Archive archive = backup.manifest().archive();
        VerificationReport facts = backup.facts();
        List<String> lines = new ArrayList<>();
        lines.add("take-backup: " + UNTESTED);
        lines.add("");
        lines.add("Run          " + Wording.run(facts));
        lines.add("Source       database " + source.database() + ", PostgreSQL " + source.serverVersion()
                + (source.standby() ? ", a standby" : ""));
        lines.add("Snapshot     " + source.snapshot() + " of " + Wording.time(source.takenAt()));
        lines.add("Archive      " + Wording.size(archive.bytes()) + " by " + archive.client());
        lines.add("SHA-256      " + archive.sha256());
        lines.add("Source held  " + held(backup.manifest()) + " ("
                + Setting.COMPARISON.is(backup.manifest().content().comparison().toString()) + ")");
        backup.files().forEach(file -> lines.add("File         " + file));
        facts.acquired().production().ifPresent(production -> {
            production.sessions().forEach((session, wrote) -> lines.add("Production   " + session + ": " + wrote));
            production.changedByOthers().forEach(change -> lines.add("Production   changed by others: " + change));
        });
        facts.checks().forEach(check -> lines.add("Check        " + check.sentence()));
        facts.outcome().warnings().forEach(warning -> lines.add("Warning      " + warning));
        backup.manifest().content().doesNotContain().forEach(left -> lines.add("Not included " + left));
        return lines.stream().map(Printable::text).collect(Collectors.joining("\n", "", "\n"));
    }
}
