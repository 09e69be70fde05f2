package io.github.pgbackup.test;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * PostgreSQL's regression tests of one major version, as far as they are SQL. Statements that need the tests' own C
 * library, which is missing, fail. {@code .ci/regression} provides the tests.
 *
 * @param major major version of the tests: the server's or an older one
 */
public record RegressionScripts(int major, Path directory) {

    /** The environment variable with the directory that {@code .ci/regression} prints. */
    public static final String DIRECTORY = "PGBACKUP_TEST_REGRESSION";

    private static final int SECONDS_A_SCRIPT = 120;

    /**
     * Prints the statements that create objects, in the order of the tests. They are written in Perl, so Perl reads
     * them.
     */
    private static final String CREATE_STATEMENTS = """
            local $/;
            my $text = <STDIN>;
            $text =~ /^my %tests = \\((.*?)\\);\\s*^#{20}/ms or die 'There are no tests in this file.';
            my ($supports_icu, $supports_lz4, $supports_gzip, $supports_zstd) = (1, 1, 1, 1);
            my (%full_runs, %dump_test_schema_runs, $plain_text, $tempdir, $run_db);
            no strict; no warnings;
            my %tests = eval "($1)" or die $@;
            for my $name (sort { ($tests{$a}{create_order} // 0) <=> ($tests{$b}{create_order} // 0) || $a cmp $b }
                          grep { $tests{$_}{create_sql} && !$tests{$_}{database} } keys %tests) {
                print $tests{$name}{create_sql}, ";\\n";
            }
            """;

    /** The newest scripts that are not newer than a server of this major version. */
    public static RegressionScripts of(int server) throws IOException {
        Path all = Path.of(System.getenv(DIRECTORY));
        try (Stream<Path> majors = Files.list(all)) {
            int major = majors.map(path -> String.valueOf(path.getFileName()))
                    .filter(name -> name.matches("\\d+"))
                    .mapToInt(Integer::parseInt)
                    .filter(found -> found <= server)
                    .max()
                    .orElseThrow();
            return new RegressionScripts(major, all.resolve("" + major));
        }
    }

    /**
     * Runs all of them in the order of their schedule, one after another.
     *
     * @param scratch directory for the files that they, and the server, write
     */
    public void runAll(ProductionServer server, String database, Path scratch) throws Exception {
        Files.setPosixFilePermissions(scratch, PosixFilePermissions.fromString("rwxrwxrwx"));
        for (String test : schedule()) {
            Path script = directory.resolve("sql").resolve(test + ".sql");
            Path template = directory.resolve("input").resolve(test + ".source");
            if (Files.exists(template)) {
                script = Files.writeString(
                        scratch.resolve(test + ".sql"),
                        Files.readString(template, StandardCharsets.ISO_8859_1)
                                .replace("@abs_srcdir@", directory.toString())
                                .replace("@abs_builddir@", scratch.toString())
                                .replace("@libdir@", scratch.toString())
                                .replace("@testtablespace@", scratch + "/tablespace")
                                .replace("@DLSUFFIX@", ".so"),
                        StandardCharsets.ISO_8859_1);
            }
            if (Files.exists(script)) {
                psql(server, database, scratch, script);
            }
        }
    }

    /** Runs the statements with which PostgreSQL's tests of pg_dump create the objects to dump. */
    public void createObjectsOfPgDumpTests(ProductionServer server, String database, Path scratch) throws Exception {
        Path statements = scratch.resolve("objects.sql");
        Process perl = new ProcessBuilder("perl", "-e", CREATE_STATEMENTS)
                .redirectInput(directory.resolve("002_pg_dump.pl").toFile())
                .redirectOutput(statements.toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        if (perl.waitFor() != 0) {
            throw new IllegalStateException("The statements cannot be read from " + directory + ".");
        }
        psql(server, database, scratch, statements);
    }

    private List<String> schedule() throws IOException {
        List<String> tests = new ArrayList<>();
        for (String line : Files.readAllLines(directory.resolve("parallel_schedule"))) {
            if (line.startsWith("test: ")) {
                tests.addAll(List.of(line.substring("test: ".length()).trim().split("\\s+")));
            }
        }
        return tests;
    }

    private void psql(ProductionServer server, String database, Path scratch, Path script)
            throws IOException, InterruptedException {
        Path psql = Programs.majors()
                .filter(programs -> programs.major() >= major && programs.hasClient())
                .map(programs -> programs.bin().resolve("psql"))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow();
        ProcessBuilder builder = new ProcessBuilder(psql.toString(), "-X", "-q", "--file=" + script)
                .directory(scratch.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD);
        builder.environment()
                .putAll(Map.of(
                        "PGHOST", server.host(),
                        "PGPORT", server.port() + "",
                        "PGUSER", server.superuser(),
                        "PGPASSWORD", server.password(),
                        "PGDATABASE", database,
                        "PGTZ", "America/Los_Angeles",
                        "PGDATESTYLE", "Postgres, MDY",
                        "PG_ABS_SRCDIR", directory.toString(),
                        "PG_ABS_BUILDDIR", scratch.toString(),
                        "PG_LIBDIR", scratch.toString()));
        builder.environment().put("PG_DLSUFFIX", ".so");
        Process process = builder.start();
        if (!process.waitFor(SECONDS_A_SCRIPT, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
        }
    }
}
