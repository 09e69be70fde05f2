package io.github.pgbackup.postgres;

/**
 * The definition of a user schema. Names that begin with pg_ are reserved for PostgreSQL, and pg_dump leaves them out.
 */
public final class UserSchemas {

    /** A condition on {@code pg_namespace n}. */
    public static final String CONDITION = "n.nspname !~ '^pg_' and n.nspname <> 'information_schema'";

    private UserSchemas() {}
}
