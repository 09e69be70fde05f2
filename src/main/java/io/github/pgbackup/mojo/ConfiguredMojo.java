package io.github.pgbackup.mojo;

import io.github.pgbackup.Remedy;
import io.github.pgbackup.evidence.VerificationReport;
import io.github.pgbackup.plan.PlanReader;
import io.github.pgbackup.plan.Tag;
import io.github.pgbackup.report.ConsoleText;
import io.github.pgbackup.report.Printable;
import java.io.File;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.maven.execution.MavenSession;
import org.apache.maven.plugin.AbstractMojo;
import org.apache.maven.plugin.MojoExecution;
import org.apache.maven.plugin.MojoExecutionException;
import org.apache.maven.plugin.MojoFailureException;
import org.apache.maven.plugins.annotations.Parameter;
import org.apache.maven.project.MavenProject;
import org.codehaus.plexus.configuration.PlexusConfiguration;
import org.jspecify.annotations.Nullable;

/** The common part of all goals: each can be skipped, and each reads its configuration strictly. */
abstract class ConfiguredMojo extends AbstractMojo {

    /**
     * The identity that the database must have: {@code database}, {@code role}, {@code superuser},
     * {@code serverVersion}, {@code systemIdentifier}, {@code container}. For example
     * {@code <identity><database>directus</database></identity>}. Properties: {@code pgbackup.identity.database} and so
     * on.
     */
    @Parameter
    private @Nullable PlexusConfiguration identity;

    /** Whether to skip the goal; the log then says what was not done. */
    @Parameter(property = "pgbackup.skip", defaultValue = "false")
    private String skip;

    @Parameter(defaultValue = "${session}", readonly = true, required = true)
    private MavenSession session;

    @Parameter(defaultValue = "${mojoExecution}", readonly = true, required = true)
    private MojoExecution execution;

    @Override
    public final void execute() throws MojoExecutionException, MojoFailureException {
        if (skip.trim().equals("true")) {
            getLog().info(execution.getGoal() + " is skipped (pgbackup.skip); " + skipped() + ".");
            skip();
            return;
        }
        PlanReader.unknownProperties(session.getUserProperties().stringPropertyNames()).stream()
                .map(Printable::text)
                .forEach(getLog()::warn);
        run();
    }

    /** What a skipped goal did not do, as a clause for the log. */
    abstract String skipped();

    /** Runs instead of the goal when it is skipped. */
    void skip() throws MojoExecutionException {
        // Most goals do nothing here.
    }

    abstract void run() throws MojoExecutionException, MojoFailureException;

    /** Adds the values that Maven injected, by the name of the tag. */
    abstract void addParameters(Map<String, @Nullable Object> parameters);

    final MavenSession session() {
        return session;
    }

    final MojoExecution execution() {
        return execution;
    }

    /** Warns of each right that a migration lacked. The migration tool itself prints only PostgreSQL's message. */
    final void warnOfMissingRights(VerificationReport report) {
        ConsoleText.missingRights(report).stream().map(Printable::text).forEach(getLog()::warn);
    }

    final MavenConfiguration configuration() {
        return new MavenConfiguration(session, execution);
    }

    /** A reader of {@link #tags()}. */
    final PlanReader reader() {
        MavenConfiguration configuration = configuration();
        PlanReader reader = new PlanReader(configuration::property, configuration.baseDirectory())
                .withEnvironment(System.getenv())
                .withProblems(configuration.mergeLosses());
        return configuration.buildDirectory().map(reader::withBuildDirectory).orElse(reader);
    }

    /** The name of this execution in messages, unique in a build. */
    final String executionName() {
        MavenProject project = session.getCurrentProject();
        return "execution '" + execution.getExecutionId() + "'"
                + (project == null ? "" : " of " + project.getArtifactId());
    }

    final String pluginVersion() {
        return execution.getMojoDescriptor().getPluginDescriptor().getVersion();
    }

    final Tag tags() {
        Map<String, @Nullable Object> parameters = new LinkedHashMap<>();
        parameters.put("identity", identity);
        addParameters(parameters);
        parameters.put("skip", skip);
        return configuration().tags(parameters);
    }

    /** The folder with the evidence of this execution. */
    final Path evidenceDirectory(File outputDirectory) throws MojoExecutionException {
        Path directory = path(outputDirectory, "outputDirectory");
        MavenConfiguration configuration = configuration();
        return configuration.namesOutputDirectory()
                ? directory
                : directory.resolveSibling(directory.getFileName() + configuration.folderSuffix());
    }

    /**
     * Resolves a path. In a directory without a POM, Maven does not replace {@code ${project.basedir}} in a default.
     */
    final Path path(File file, String tag) throws MojoExecutionException {
        String baseDirectory = "${project.basedir}" + File.separator;
        String path = file.getPath();
        int at = path.indexOf(baseDirectory);
        if (at >= 0) {
            path = path.substring(at + baseDirectory.length());
        }
        if (path.contains("${")) {
            throw new MojoExecutionException(headed(
                    cannotRun(),
                    "<" + tag + "> (-Dpgbackup." + tag + ") is '" + path + "'; the property in it is not set."));
        }
        return configuration().baseDirectory().resolve(path);
    }

    /** The headline of an error. */
    abstract String cannotRun();

    /**
     * A headline, followed by the problem on separate lines, because Maven puts the name of the goal before the first
     * line.
     */
    static String headed(String headline, String problem) {
        return headline + ":\n"
                + problem.lines().map(line -> "  " + Printable.text(line)).collect(Collectors.joining("\n"));
    }

    final MojoExecutionException invalid(List<String> problems) {
        return new MojoExecutionException(headed(
                cannotRun(),
                problems.stream().map(problem -> "- " + problem).collect(Collectors.joining("\n")) + "\n"
                        + Remedy.CORRECT_THE_TAGS));
    }
}
