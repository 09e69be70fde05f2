package io.github.pgbackup.description;

/** Why two databases may differ in a property although the restore lost nothing that the backup could have held. */
public enum Rule {
    CHILD_COLUMN_ORDER(
            "the columns of a table that inherits, or of a partition, come out in another order: inherited columns first",
            false),
    PRINTED_DIFFERENTLY("the restored server, given the source's text, prints what the restored database has", false),
    NOT_NULL_IS_A_CONSTRAINT("PostgreSQL 18 and newer list NOT NULL as a constraint, 17 that of a domain", false),
    INHERITED_NOT_NULL(
            "a NOT NULL constraint that a table inherits gets the name that one of its parents' has, and not always that of the"
                    + " same parent",
            false),
    PARTITIONED_FOREIGN_KEY("PostgreSQL 15 and newer make a foreign key's triggers on a partitioned table too", false),
    MULTIRANGES("PostgreSQL 14 and newer make a multirange type with each range type", false),
    DEFAULT_OF_STREAMING("the default of a subscription's streaming is parallel in PostgreSQL 18 and newer", false),
    COPIED_COLLATION("a collation copied from C or POSIX is for every encoding; a dumped one is for its own", false),
    SAID_OF_NOTHING("what was said of an object that is no longer there", false),
    EXTENSION_OF_ANOTHER_VERSION("a member of an extension that has another version here", false),
    INITIAL_PRIVILEGES("the privileges that the extension's script sets, in both databases", false),
    SUBSCRIPTION_RESTORED_DISABLED("subscriptions are restored disabled", false),
    PARTITIONED_INDEX_OVER_FOREIGN_TABLES(
            "an index of a partitioned table is not valid after a restore when a partition is a foreign table", true),
    INVALID_INDEX("PostgreSQL does not dump an index that is not valid; REINDEX it", true),
    FOREIGN_KEY_TRIGGERS(
            "PostgreSQL does not dump whether a constraint's own triggers are disabled; they are enabled after a restore",
            true),
    RANGE_TYPE_PARTS(
            "PostgreSQL does not dump owners and privileges of what comes with a range type: its functions, its multirange type",
            true),
    MEMBER_OF_BUILT_IN_FAMILY("PostgreSQL does not dump what was added to an operator family of its own", true),
    INTERNAL_TRIGGER("PostgreSQL does not dump internal triggers, which extensions make", true),
    SHELL_OPERATOR("PostgreSQL does not dump an operator that was only announced, as a commutator or negator", true),
    SYSTEM_COLLATION(
            "collations in pg_catalog are the operating system's, and those of the throw-away server are another's",
            true),
    ONLY_A_SUPERUSER("pg_dump writes it for a superuser only", true),
    BUILT_IN(
            "a change to PostgreSQL's own objects, or what another minor release's initdb made: pg_dump does not dump it",
            true),
    EXTENSION_MEMBER(
            "it belongs to an extension, and CREATE EXTENSION makes it as the extension's script has it", true);

    private final String reason;
    private final boolean lost;

    Rule(String reason, boolean lost) {
        this.reason = reason;
        this.lost = lost;
    }

    /** A clause that says why, for a sentence. */
    public String reason() {
        return reason;
    }

    /** Whether something of the user's is not in the backup, which the report has to list. */
    public boolean lost() {
        return lost;
    }
}
