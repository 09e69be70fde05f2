package io.github.pgbackup;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Checks the dependencies between packages. */
@AnalyzeClasses(packages = "io.github.pgbackup", importOptions = ImportOption.DoNotIncludeTests.class)
final class ArchitectureTest {

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

    @ArchTest
    static final ArchRule PACKAGES_FORM_NO_CYCLE =
            slices().matching("io.github.pgbackup.(*)..").should().beFreeOfCycles();
}
