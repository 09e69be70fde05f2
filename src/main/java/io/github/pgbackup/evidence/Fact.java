package io.github.pgbackup.evidence;

import java.util.List;

/** A finding of a step for the report: a check, a warning, or a section of the report. */
public sealed interface Fact
        permits Check,
                Fact.Warning,
                Fact.NotContained,
                Fact.DumpCommand,
                Fact.RestoreCommand,
                VerificationReport.Source,
                VerificationReport.Snapshot,
                VerificationReport.Archive,
                VerificationReport.Target,
                VerificationReport.Production {

    /** A sentence that does not affect the verdict. */
    record Warning(String sentence) implements Fact {}

    /** What a backup of this database never contains, one sentence each. */
    record NotContained(List<String> left) implements Fact {
        public NotContained {
            left = List.copyOf(left);
        }
    }

    /** pg_dump with its arguments. */
    record DumpCommand(List<String> words) implements Fact {
        public DumpCommand {
            words = List.copyOf(words);
        }
    }

    /** pg_restore or psql with its arguments. */
    record RestoreCommand(List<String> words) implements Fact {
        public RestoreCommand {
            words = List.copyOf(words);
        }
    }
}
