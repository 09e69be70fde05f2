package io.github.pgbackup.plan;

import io.github.pgbackup.provenance.BoundTo;
import io.github.pgbackup.provenance.RunBy;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * How others can come to trust the verdict of a run.
 *
 * @param signatureServerId the {@code <server>} in settings.xml whose key signs the evidence; null if it is not signed
 * @param runBy who runs it
 * @param boundTo commit and files that the verdict is bound to; null for none
 * @param history the previous runs, for comparison; this run is added; null for none
 * @param metricsFile for a monitoring system; null for none
 * @param expectationTest how to test the expectations; null for no test
 */
public record Trust(
        @Nullable String signatureServerId,
        RunBy runBy,
        @Nullable BoundTo boundTo,
        @Nullable HistoryPlan history,
        @Nullable Path metricsFile,
        @Nullable ExpectationTestPlan expectationTest) {}
