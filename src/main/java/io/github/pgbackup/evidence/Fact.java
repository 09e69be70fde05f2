package io.github.pgbackup.evidence;

import java.util.List;

/** A finding of a step for the report: a check, a warning, or a part of the report. */
public sealed interface Fact
        permits Check,
                Fact.Warning,
                Fact.NotContained,
                Fact.DumpCommand,
                Fact.RestoreCommand,
                VerificationReport.Problem,
                VerificationReport.Source,
                VerificationReport.Snapshot,
                VerificationReport.Archive,
                VerificationReport.Production,
                VerificationReport.Target,
                VerificationReport.Restore,
                VerificationReport.Compared,
                VerificationReport.HandOver {

    /** Adds it to a report. It replaces an earlier one, if the report has room for only one. */
    VerificationReport addTo(VerificationReport report);

    /** A sentence that does not affect the verdict. */
    record Warning(String sentence) implements Fact {
        @Override
        public VerificationReport addTo(VerificationReport report) {
            return report.with(report.outcome().with(this));
        }
    }

    /** What a backup of this database never contains, one sentence each. */
    record NotContained(List<String> left) implements Fact {
        public NotContained {
            left = List.copyOf(left);
        }

        @Override
        public VerificationReport addTo(VerificationReport report) {
            return report.with(report.acquired().with(this));
        }
    }

    /** pg_dump with its arguments. */
    record DumpCommand(List<String> words) implements Fact {
        public DumpCommand {
            words = List.copyOf(words);
        }

        @Override
        public VerificationReport addTo(VerificationReport report) {
            return report.with(report.acquired().with(this));
        }
    }

    /** pg_restore or psql with its arguments. */
    record RestoreCommand(List<String> words) implements Fact {
        public RestoreCommand {
            words = List.copyOf(words);
        }

        @Override
        public VerificationReport addTo(VerificationReport report) {
            return report.with(report.restored().with(this));
        }
    }
}
