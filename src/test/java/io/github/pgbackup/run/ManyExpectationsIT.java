package io.github.pgbackup.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgbackup.evidence.Verdict;
import io.github.pgbackup.evidence.VerificationReport;
import io.github.pgbackup.plan.Tag;
import io.github.pgbackup.test.ProductionServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ten thousand expectations, as capture-expectations writes them for five hundred tables, take seconds, not minutes. */
final class ManyExpectationsIT {

    private static final int TABLES = 500;
    private static final int COLUMNS = 18;

    @AutoClose
    private static final ProductionServer PRODUCTION = ProductionServer.start();

    @TempDir
    private Path directory;

    @Test
    void ten_thousand_expectations_hold() {
        PRODUCTION.createDatabase("many");
        PRODUCTION.execute("many", """
                do $$ begin
                    for t in 1..%d loop
                        execute format('create table t%%s (%%s, constraint k%%1$s primary key (c1))', t,
                            (select string_agg(format('c%%s int', c), ', ' order by c) from generate_series(1, %d) c));
                        execute format('insert into t%%s values (1), (2)', t);
                    end loop;
                end $$""".formatted(TABLES, COLUMNS));
        VerificationReport without =
                VerificationRun.of(PRODUCTION, "many", directory).run();

        VerificationReport with = VerificationRun.of(PRODUCTION, "many", directory)
                .expect(expectations())
                .run();

        assertThat(without.verdict()).isEqualTo(Verdict.PASS);
        assertThat(with.outcome().problem()).as(with.problemText()).isEmpty();
        assertThat(with.failedChecks()).isEmpty();
        assertThat(with.checks()).hasSizeGreaterThan(3 * TABLES * COLUMNS);
        Duration added = with.outcome().duration().minus(without.outcome().duration());
        System.out.printf(
                "%d expectations, %d checks: %s without, %s with, %s added%n",
                TABLES * (COLUMNS + 2),
                with.checks().size(),
                without.outcome().duration(),
                with.outcome().duration(),
                added);
    }

    private static Tag expectations() {
        List<Tag> expectations = new ArrayList<>();
        for (int t = 1; t <= TABLES; t++) {
            expectations.add(expectation("table", "public.t" + t, "rows", "2"));
            expectations.add(expectation("constraint", "public.t" + t + ".k" + t, "definition", "PRIMARY KEY (c1)"));
            for (int c = 1; c <= COLUMNS; c++) {
                Tag nulls = new Tag("nulls", c == 1 ? "0" : "2", List.of());
                Tag column = expectation("column", "public.t" + t + ".c" + c, "type", "integer");
                List<Tag> children = new ArrayList<>(column.children());
                children.add(nulls);
                expectations.add(new Tag("column", null, children));
            }
        }
        return new Tag("expectations", null, expectations);
    }

    private static Tag expectation(String kind, String name, String aspect, String value) {
        return new Tag(kind, null, List.of(new Tag("name", name, List.of()), new Tag(aspect, value, List.of())));
    }
}
