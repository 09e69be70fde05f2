package io.github.pgbackup.description;

/** Why two databases may differ in a property although the restore lost nothing that the backup contains. */
public enum Rule {
    CHILD_COLUMN_ORDER(
            "the columns of an inheriting table or a partition are restored in another order: inherited columns first",
            false),
    PRINTED_DIFFERENTLY(
            "the restored server prints the source's text in the form that the restored database has", false),
    NOT_NULL_IS_A_CONSTRAINT(
            "PostgreSQL 18 and newer list NOT NULL as a constraint; for a domain, 17 does so, too", false),
    INHERITED_NOT_NULL(
            "an inherited NOT NULL constraint is named after that of one of the table's parents, and not always of the same"
                    + " one",
            false),
    PARTITIONED_FOREIGN_KEY(
            "PostgreSQL 15 and newer also create a foreign key's triggers on a partitioned table", false),
    MULTIRANGES("PostgreSQL 14 and newer create a multirange type with each range type", false),
    DEFAULT_OF_STREAMING("the default of a subscription's streaming is parallel in PostgreSQL 18 and newer", false),
    COPIED_COLLATION(
            "a collation copied from C or POSIX is valid for every encoding; a restored one only for its own", false),
    DESCRIBES_NOTHING("it describes an object that no longer exists", false),
    EXTENSION_OF_ANOTHER_VERSION("a member of an extension that has another version in the restored database", false),
    INITIAL_PRIVILEGES("the extension's script sets these privileges in both databases", false),
    SUBSCRIPTION_RESTORED_DISABLED("subscriptions are restored disabled", false),
    PARTITIONED_INDEX_OVER_FOREIGN_TABLES(
            "after a restore, an index of a partitioned table is invalid when a partition is a foreign table", true),
    INVALID_INDEX("PostgreSQL does not dump an invalid index; REINDEX it", true),
    FOREIGN_KEY_TRIGGERS(
            "PostgreSQL does not dump whether a constraint's own triggers are disabled; they are enabled after a restore",
            true),
    RANGE_TYPE_PARTS(
            "PostgreSQL does not dump owners and privileges of the functions and the multirange type of a range type",
            true),
    MEMBER_OF_BUILT_IN_FAMILY("PostgreSQL does not dump additions to its own operator families", true),
    INTERNAL_TRIGGER("PostgreSQL does not dump internal triggers, which extensions create", true),
    SHELL_OPERATOR("PostgreSQL does not dump an operator that was only declared, as a commutator or negator", true),
    SYSTEM_COLLATION(
            "collations in pg_catalog come from the operating system, and the throw-away server may run on another one",
            true),
    ONLY_A_SUPERUSER("pg_dump dumps it only for a superuser", true),
    BUILT_IN(
            "a change to PostgreSQL's own objects, or a difference between minor releases' initdb: pg_dump does not dump it",
            true),
    EXTENSION_MEMBER("it belongs to an extension, and CREATE EXTENSION creates it as in the extension's script", true);

    private final String reason;
    private final boolean lost;

    Rule(String reason, boolean lost) {
        this.reason = reason;
        this.lost = lost;
    }

    /** The reason as a clause, for a sentence. */
    public String reason() {
        return reason;
    }

    /** Whether the backup lacks something of the user's, which the report must list. */
    public boolean lost() {
        return lost;
    }
}
