package io.github.pgbackup.postgres;

/**
 * Settings that every session pins, because a role or database could set them and so change the results of our queries.
 */
public final class SessionSettings {

    /**
     * After these statements, two sessions print the same values alike and resolve names to the same objects. Row-level
     * security is off, so that a policy causes an error instead of silently hiding rows from a count.
     */
    public static final String ALIKE = """
            set search_path = '';
            set row_security = off;
            set timezone = 'UTC';
            set datestyle = 'ISO, YMD';
            set intervalstyle = 'postgres';
            set bytea_output = 'hex';
            set extra_float_digits = 1;
            set lc_monetary = 'C';
            set quote_all_identifiers = off;
            """;

    private SessionSettings() {}
}
