package io.github.pgbackup;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaConstructorCall;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import io.github.pgbackup.evidence.VerificationReport;
import io.github.pgbackup.postgres.Client;
import io.github.pgbackup.restore.PgRestore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Checks the dependencies between packages, and what the package-info.java of each package forbids. */
@AnalyzeClasses(packages = "io.github.pgbackup", importOptions = ImportOption.DoNotIncludeTests.class)
final class ArchitectureTest {

    private static final String ROOT = "io.github.pgbackup.";

    /** The packages of the steps, whose results the run collects. */
    private static final String[] STEPS = packages(
            "archive..",
            "backup..",
            "baseline..",
            "check..",
            "comparison..",
            "container..",
            "description..",
            "disk..",
            "engine..",
            "expectation..",
            "fault..",
            "handover..",
            "history..",
            "manifest..",
            "postgres..",
            "production..",
            "rehearsal..",
            "restore..",
            "source..",
            "stage..",
            "server..",
            "use..");

    /** The packages that have a rule. */
    private static final Set<String> RULED = new TreeSet<>();

    /**
     * Turns short names into patterns. A package that does not exist is an error; a rule about it would always hold.
     */
    private static String[] packages(String... names) {
        return Stream.of(names)
                .map(name -> {
                    String directory = name.replace("..", "").replace('.', '/');
                    if (!Files.exists(Path.of("src/main/java/io/github/pgbackup", directory, "package-info.java"))) {
                        throw new IllegalArgumentException("There is no package " + name);
                    }
                    return ROOT + name;
                })
                .toArray(String[]::new);
    }

    /** A rule: a package does not depend on certain others. */
    private static ArchRule stays(String those, String... ignorantOf) {
        RULED.add(those.replaceFirst("\\..*", ""));
        return ignorant(those, ignorantOf);
    }

    private static ArchRule ignorant(String those, String... ignorantOf) {
        return noClasses()
                .that()
                .resideInAPackage(packages(those)[0])
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(packages(ignorantOf));
    }

    // ---- libraries ----

    @ArchTest
    static final ArchRule ONLY_MOJO_KNOWS_MAVEN = noClasses()
            .that()
            .resideOutsideOfPackage("io.github.pgbackup.mojo..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.apache.maven..", "org.eclipse.aether..", "org.codehaus.plexus..");

    @ArchTest
    static final ArchRule ONLY_CONTAINER_KNOWS_DOCKER = noClasses()
            .that()
            .resideOutsideOfPackage("io.github.pgbackup.container..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.testcontainers..", "com.github.dockerjava..");

    @ArchTest
    static final ArchRule ONLY_WRITERS_OF_FILES_KNOW_GSON = noClasses()
            .that()
            .resideOutsideOfPackages(
                    "io.github.pgbackup.report..",
                    "io.github.pgbackup.description..",
                    "io.github.pgbackup.manifest..",
                    "io.github.pgbackup.signature..",
                    "io.github.pgbackup.history..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("com.google.gson..");

    // ---- directions ----

    @ArchTest
    static final ArchRule PACKAGES_FORM_NO_CYCLE =
            slices().matching("io.github.pgbackup.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule PACKAGES_BELOW_PACKAGES_FORM_NO_CYCLE =
            slices().matching("io.github.pgbackup.(**)").should().beFreeOfCycles();

    /** Steps return what they find. */
    @ArchTest
    static final ArchRule ONLY_THE_RUN_BUILDS_A_REPORT = noClasses()
            .that()
            .resideOutsideOfPackage("io.github.pgbackup.run..")
            .should()
            .dependOnClassesThat()
            .haveSimpleName("ReportBuilder");

    /** Others read a report; the goals also write the report of an invalid configuration. */
    @ArchTest
    static final ArchRule ONLY_THE_RUN_ADDS_TO_A_REPORT = noClasses()
            .that()
            .resideOutsideOfPackages("io.github.pgbackup.run..", "io.github.pgbackup.evidence..")
            .should()
            .callMethodWhere(DescribedPredicate.describe(
                    "it makes a report",
                    (JavaMethodCall call) -> call.getTargetOwner().isEquivalentTo(VerificationReport.class)
                            && call.getTarget().getRawReturnType().isEquivalentTo(VerificationReport.class)
                            && !call.getName().equals("invalid")))
            .orShould()
            .callConstructorWhere(DescribedPredicate.describe(
                    "it makes a report",
                    (JavaConstructorCall call) -> call.getTargetOwner().isEquivalentTo(VerificationReport.class)));

    @ArchTest
    static final ArchRule ONLY_THE_GOALS_KNOW_RUNS = noClasses()
            .that()
            .resideOutsideOfPackages("io.github.pgbackup.run..", "io.github.pgbackup.mojo..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.github.pgbackup.run..");

    @ArchTest
    static final ArchRule ONLY_THE_GOALS_KNOW_RENDERINGS = noClasses()
            .that()
            .resideOutsideOfPackages("io.github.pgbackup.report..", "io.github.pgbackup.mojo..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.github.pgbackup.report..");

    @ArchTest
    static final ArchRule NO_STEP_KNOWS_A_VERDICT = noClasses()
            .that()
            .resideInAnyPackage(STEPS)
            .should()
            .dependOnClassesThat()
            .haveSimpleName("Verdict");

    @ArchTest
    static final ArchRule NO_STEP_HAS_THE_REPORT_OF_THE_RUN = noClasses()
            .that()
            .resideInAnyPackage(STEPS)
            .should()
            .dependOnClassesThat(DescribedPredicate.describe(
                    "are the whole report",
                    (JavaClass type) -> type.getName().equals("io.github.pgbackup.evidence.VerificationReport")));

    @ArchTest
    static final ArchRule THE_COMMON_GROUND_STANDS_ON_NOTHING = classes()
            .that()
            .resideInAnyPackage("io.github.pgbackup", "io.github.pgbackup.text")
            .should()
            .onlyDependOnClassesThat(resideInAnyPackage("io.github.pgbackup", "io.github.pgbackup.text")
                    .or(DescribedPredicate.not(resideInAPackage("io.github.pgbackup.."))));

    @ArchTest
    static final ArchRule ONLY_A_DUMP_RUNS_PG_DUMP = noClasses()
            .that()
            .resideOutsideOfPackages("io.github.pgbackup.archive..", "io.github.pgbackup.backup.dump..")
            .should()
            .dependOnClassesThat()
            .haveSimpleName("PgDump");

    @ArchTest
    static final ArchRule ONLY_THE_TARGET_AND_THE_TRIAL_RESTORE = noClasses()
            .that()
            .resideOutsideOfPackages(
                    "io.github.pgbackup.restore..", "io.github.pgbackup.server..", "io.github.pgbackup.use..")
            .should()
            .dependOnClassesThat()
            .haveSimpleName("PsqlRestore")
            .orShould()
            .callConstructor(
                    PgRestore.class, Client.class, String.class, boolean.class, PgRestore.Roles.class, int.class);

    // ---- what each package-info.java says ----

    /** Shows that a rule can fail: the run depends on stages, and a rule against that finds it. */
    @ArchTest
    static void a_rule_that_does_not_hold_is_seen(JavaClasses all) {
        assertThat(ignorant("run..", "stage..").evaluate(all).hasViolation()).isTrue();
        assertThat(ignorant("stage..", "run..").evaluate(all).hasViolation()).isFalse();
        assertThatThrownBy(() -> ignorant("run..", "verification.."))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("There is no package verification..");
    }

    @ArchTest
    static void every_package_has_a_rule_of_its_own(JavaClasses all) {
        Set<String> packages = all.stream()
                .map(JavaClass::getPackageName)
                .filter(name -> name.startsWith(ROOT))
                .map(name -> name.substring(ROOT.length()).replaceFirst("\\..*", ""))
                .collect(Collectors.toCollection(TreeSet::new));
        packages.removeAll(Set.of("mojo", "run", "text")); // above
        assertThat(packages).isEqualTo(RULED);
    }

    @ArchTest
    static final ArchRule ARCHIVE = stays("archive..", "restore..", "check..", "evidence..", "source..");

    @ArchTest
    static final ArchRule BACKUP = stays("backup..", "server..", "check..", "use..");

    @ArchTest
    static final ArchRule A_DUMP_KNOWS_NO_STORED_ARCHIVE = stays("backup.dump..", "backup.stored..", "backup.kept..");

    @ArchTest
    static final ArchRule A_STORED_ARCHIVE_KNOWS_NO_DUMP = stays("backup.stored..", "backup.dump..", "backup.kept..");

    @ArchTest
    static final ArchRule WHAT_IS_KEPT_IS_NOT_TAKEN =
            stays("backup.kept..", "backup.dump..", "backup.stored..", "source..", "production..");

    @ArchTest
    static final ArchRule BASELINE = stays("baseline..", "source..", "production..", "engine..", "server..");

    @ArchTest
    static final ArchRule CHECK = stays("check..", "production..", "source..");

    @ArchTest
    static final ArchRule COMPARISON = stays("comparison..", "evidence..", "report..", "check..");

    @ArchTest
    static final ArchRule CONTAINER = stays("container..", "archive..", "backup..", "restore..", "source..", "plan..");

    @ArchTest
    static final ArchRule DESCRIPTION = stays("description..", "archive..", "evidence..", "report..");

    @ArchTest
    static final ArchRule DISK = stays("disk..", "backup..", "source..", "production..", "server..");

    @ArchTest
    static final ArchRule ENGINE = stays("engine..", "archive..", "backup..", "restore..", "source..", "plan..");

    @ArchTest
    static final ArchRule ENGINES_DO_NOT_KNOW_EACH_OTHER = stays("engine.local..", "engine.container..", "container..");

    @ArchTest
    static final ArchRule NOR_THE_OTHER_WAY_ROUND = stays("engine.container..", "engine.local..");

    @ArchTest
    static final ArchRule EVIDENCE = stays("evidence..", "source..", "check..", "report..", "container..");

    @ArchTest
    static final ArchRule EXPECTATION = stays("expectation..", "evidence..", "source..", "plan..", "engine..");

    @ArchTest
    static final ArchRule FAULT = stays("fault..", "evidence..", "plan..", "engine..", "restore..");

    @ArchTest
    static final ArchRule HANDOVER = stays("handover..", "evidence..", "plan..", "backup..", "engine..");

    @ArchTest
    static final ArchRule HISTORY = stays("history..", "evidence..", "plan..", "check..", "postgres..");

    @ArchTest
    static final ArchRule MANIFEST = stays("manifest..", "source..", "engine..", "evidence..", "backup..");

    @ArchTest
    static final ArchRule PLAN = stays("plan..", "container..", "engine..", "evidence..", "backup..");

    @ArchTest
    static final ArchRule POSTGRES = stays("postgres..", "archive..", "backup..", "source..", "server..", "plan..");

    @ArchTest
    static final ArchRule PRODUCTION = stays("production..", "backup..", "engine..", "server..", "check..");

    @ArchTest
    static final ArchRule PROVENANCE = stays("provenance..", "evidence..", "plan..", "postgres..");

    @ArchTest
    static final ArchRule REHEARSAL = stays("rehearsal..", "evidence..", "plan..", "source..", "production..");

    @ArchTest
    static final ArchRule REPORT = stays("report..", "check..", "engine..", "server..", "backup..", "container..");

    @ArchTest
    static final ArchRule RESTORE = stays("restore..", "source..", "production..", "evidence..", "plan..");

    @ArchTest
    static final ArchRule SIGNATURE = stays("signature..", "evidence..", "plan..", "backup..", "postgres..");

    @ArchTest
    static final ArchRule SOURCE =
            stays("source..", "engine..", "server..", "restore..", "archive..", "evidence..", "plan..");

    @ArchTest
    static final ArchRule STAGE = stays("stage..", "backup..", "check..", "source..", "server..", "use..", "engine..");

    @ArchTest
    static final ArchRule SERVER = stays("server..", "backup.dump..", "backup.stored..", "baseline..", "check..");

    @ArchTest
    static final ArchRule USE = stays("use..", "source..", "production..");
}
