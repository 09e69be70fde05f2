package io.github.pgbackup.run;

import io.github.pgbackup.evidence.VerificationReport;
import io.github.pgbackup.source.Credentials;
import java.nio.file.Path;
import java.util.Arrays;

/** A verification in a JVM of its own, which has another user, environment or file system than the test. */
final class VerificationProgram {

    private VerificationProgram() {}

    /**
     * Prints the verdict and the problem. If a server was started, it prints the log and the facts of its isolation before.
     *
     * @param args a directory for the evidence, and properties without their prefix: {@code restore.engine=local}
     */
    public static void main(String[] args) {
        VerificationRun run = VerificationRun.ofProperties(
                new Credentials(System.getenv("PGBACKUP_USER"), System.getenv("PGBACKUP_PASSWORD")), Path.of(args[0]));
        Arrays.stream(args)
                .skip(1)
                .map(arg -> arg.split("=", 2))
                .forEach(property -> run.with(property[0], property[1]));
        VerificationReport report = run.run();
        report.restored().target().ifPresent(target -> {
            run.log().forEach(System.out::println);
            target.isolation().forEach((name, fact) -> System.out.println(name + ": " + fact));
        });
        report.failedChecks().forEach(check -> System.out.println(check.sentence()));
        System.out.println(report.verdict() + " " + report.problemText());
    }
}
