package io.github.pgbackup.restore;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Real messages of pg_restore 15 and 18, postgres_fdw and dblink. */
class RestoreErrorTest {

    @Test
    void knows_what_needs_another_server() {
        assertThat(error("could not execute query: ERROR:  could not connect to server \"remote\"")
                        .otherServerUnreachable())
                .isTrue();
        assertThat(error("could not execute query: ERROR:  could not establish connection")
                        .otherServerUnreachable())
                .isTrue();
        assertThat(error("could not execute query: ERROR:  division by zero").otherServerUnreachable())
                .isFalse();
    }

    @Test
    void knows_what_pg_dump_of_another_major_wrote() {
        assertThat(error("could not execute query: ERROR:  unrecognized parameter \"pg_attver\"")
                        .isOfAnotherMajorsDump())
                .isTrue();
        assertThat(error("could not execute query: ERROR:  unrecognized parameter \"pg_attverse\"")
                        .isOfAnotherMajorsDump())
                .isFalse();
    }

    private static RestoreError error(String message) {
        return new RestoreError(7, RestoreError.Phase.PROCESSING_TOC, "", message, null, "");
    }
}
