package io.github.pgbackup.verification;

import io.github.pgbackup.Console;
import io.github.pgbackup.plan.VerificationPlan;

/** What every part of one run works with. */
record Run(
        VerificationPlan plan,
        EvidenceFolder folder,
        Console console,
        Interruption interruption,
        Stages stages,
        ReportBuilder report) {}
