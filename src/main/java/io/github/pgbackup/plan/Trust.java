package io.github.pgbackup.plan;

import io.github.pgbackup.provenance.BoundTo;
import io.github.pgbackup.provenance.RunBy;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What a run does so that others can rely on its verdict.
 *
 * @param signatureServerId the {@code <server>} of settings.xml whose key signs the evidence; null: it is not signed
 * @param runBy who runs it
 * @param boundTo commit and files that the verdict is bound to; null: to none
 * @param history the runs before this one, which it is compared with and added to; null: none
 * @param metricsFile for a monitoring system; null: none
 * @param expectationTest how the expectations are put to the test; null: they are not
 */
public record Trust(
        @Nullable String signatureServerId,
        RunBy runBy,
        @Nullable BoundTo boundTo,
        @Nullable HistoryPlan history,
        @Nullable Path metricsFile,
        @Nullable ExpectationTestPlan expectationTest) {}
