package io.github.pgbackup.stage;

import io.github.pgbackup.Console;
import io.github.pgbackup.evidence.EvidenceFolder;
import io.github.pgbackup.plan.VerificationPlan;
import io.github.pgbackup.run.ReportBuilder;

/** What every part of one run works with. */
public record Run(
        VerificationPlan plan,
        EvidenceFolder folder,
        Console console,
        Interruption interruption,
        Stages stages,
        ReportBuilder report) {}
