package io.github.pgbackup.postgres;

/** What the settings of a role or a database could change in the results of our queries. */
public final class SessionSettings {

    /**
     * Statements after which two sessions print the same values alike and find the same objects by their names. Row-level
     * security is off so that a policy is an error, where it would be a figure without the hidden rows.
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
