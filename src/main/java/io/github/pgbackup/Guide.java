package io.github.pgbackup;

/** A section of the documents that explains a message; a test ensures that it exists. */
public enum Guide {
    ARCHIVES("archives.md#what-is-read"),
    ARCHIVE_ROLES("archives.md#roles"),
    BOUND_EVIDENCE("trust.md#bound-evidence"),
    CHECK_EVIDENCE("security.md#what-check-evidence-proves"),
    DAMAGED_ARCHIVES("archives.md#damaged-archives"),
    DOCKER("ci.md#docker"),
    HISTORY("trust.md#the-history"),
    MANIFESTS("backups.md#what-a-manifest-holds"),
    OWN_DUMP_PROGRAM("backups.md#with-your-own-dump-program"),
    PG_DUMPALL("archives.md#pg_dumpall"),
    RESTORE("configuration.md#restore"),
    SEVERAL_DATABASES("configuration.md#several-databases-in-one-build"),
    SEVERAL_FILES("archives.md#several-files"),
    SIGNED_EVIDENCE("trust.md#signed-evidence"),
    SPARE_PRODUCTION("performance.md#to-spare-production"),
    STANDBYS("ci.md#standbys"),
    STORED_ARCHIVES("configuration.md#where-verified-archives-are-kept"),
    TAGS("parameters.md");

    private final String place;

    Guide(String place) {
        this.place = "docs/" + place;
    }

    /** The file in this project, and the section in it. */
    public String place() {
        return place;
    }

    /** The last sentence of a message. */
    String sentence() {
        return "See " + place + ".";
    }
}
