package io.github.pgbackup.postgres;

/** Which schemas are the user's: pg_dump leaves out those that begin with pg_, which PostgreSQL keeps for itself. */
public final class UserSchemas {

    /** A condition on {@code pg_namespace n}. */
    public static final String CONDITION = "n.nspname !~ '^pg_' and n.nspname <> 'information_schema'";

    private UserSchemas() {}
}
