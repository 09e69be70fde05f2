package io.github.pgbackup;

import java.util.List;
import java.util.stream.Collectors;

/**
 * What to do about an error. All remedies except those of a front end are here, so that their wording is consistent:
 * each names a setting as the front end does, with every way to set it.
 */
public final class Remedy {

    /** For a fact that needs no remedy. */
    public static final Remedy NONE = new Remedy("");

    public static final Remedy CORRECT_THE_TAGS =
            new Remedy("Every tag, with an example, is listed by mvn pgbackup:help -Ddetail.", Guide.TAGS);

    // ---- the folder of the evidence, and other files of the build ----

    public static final Remedy NAME_A_FOLDER_FOR_EVIDENCE_ALONE =
            new Remedy("Give a folder that the build can write to and that nothing else uses: "
                    + Setting.OUTPUT_DIRECTORY.listed() + ".");

    public static final Remedy WAIT_FOR_THE_OTHER_RUN =
            new Remedy("Wait for it, or give this run its own folder: " + Setting.OUTPUT_DIRECTORY.listed() + ".");

    public static final Remedy MAKE_ROOM_FOR_EVIDENCE =
            new Remedy("Make room on that disk, or give another folder: " + Setting.OUTPUT_DIRECTORY.listed() + ".");

    public static final Remedy CHECK_THE_FOLDER_FOR_EVIDENCE =
            new Remedy("Check that " + Setting.OUTPUT_DIRECTORY.inFull() + " is writable and has room.");

    public static final Remedy CHECK_THE_DISK =
            new Remedy("Check that the disk has room and that " + Setting.OUTPUT_DIRECTORY.inFull() + " is writable.");

    public static final Remedy MAKE_ROOM_FOR_THE_ARCHIVE =
            new Remedy("Make room on that disk, or set " + Setting.OUTPUT_DIRECTORY.inFull()
                    + " to a folder that is writable and has room for the compressed database.");

    public static final Remedy MAKE_ROOM_FOR_THE_ARCHIVE_OR_ON_THE_SERVER = new Remedy(
            "Make room, or set " + Setting.OUTPUT_DIRECTORY.inFull()
                    + " to a disk that has room for the compressed database. If the message contains ERROR:, the server's disk is full.");

    public static final Remedy NAME_ANOTHER_DIRECTORY_FOR_ARCHIVES = new Remedy(
            "Name a writable directory outside the build's directory that has room for the archive: "
                    + Setting.BACKUP_DIRECTORY.listed() + ".",
            Guide.STORED_ARCHIVES);

    public static final Remedy NAME_ANOTHER_DIRECTORY_FOR_BACKUPS =
            new Remedy("Name a writable directory that has room for the archive: " + Setting.DIRECTORY.listed() + ".");

    public static final Remedy READ_THE_LOG_OF_THE_COMMAND = new Remedy(
            "Its standard error is in logs/command.log; correct the command: " + Setting.COMMAND.listed() + ".");

    public static final Remedy WRITE_THE_ARCHIVE_TO_PGBACKUP_FILE = new Remedy(
            "Let the command dump the database that PGDATABASE names into the file that PGBACKUP_FILE names: "
                    + Setting.COMMAND.listed() + ". It runs without a shell; if you need one, write a script.",
            Guide.OWN_DUMP_PROGRAM);

    public static final Remedy NAME_A_PROGRAM_THAT_IS_THERE =
            new Remedy("Name a program with its path, or one in PATH: " + Setting.COMMAND.listed() + ".");

    public static final Remedy FIND_OUT_WHO_CHANGED_PRODUCTION =
            new Remedy("Find out in the server's log what happened there, and take the backup again.");

    public static final Remedy NAME_A_FILE_THAT_CAN_BE_WRITTEN =
            new Remedy("Name a writable file: " + Setting.OUTPUT_FILE.listed() + ".");

    public static final Remedy NAME_ANOTHER_HISTORY = new Remedy(
            "Name a writable file, on a disk with room: " + Setting.HISTORY_FILE.listed() + ".", Guide.HISTORY);

    public static final Remedy SEE_WHAT_ELSE_WRITES_THERE =
            new Remedy("Find out what else writes to that folder, and check the disk; then run it again.");

    // ---- an existing archive ----

    public static final Remedy NAME_AN_ARCHIVE_OF_PG_DUMP = new Remedy(
            "Name a file or folder that pg_dump wrote: " + Setting.ARCHIVE_FILE.listed() + ".", Guide.ARCHIVES);

    public static final Remedy NAME_AN_ARCHIVE_THAT_IS_THERE =
            new Remedy("Check whether the backup was taken, or correct " + Setting.ARCHIVE_FILE.listed() + ".");

    public static final Remedy NAME_ANOTHER_ARCHIVE_OR_CORRECT_THE_IDENTITY =
            new Remedy("Name the archive of that database by " + Setting.ARCHIVE_FILE.inFull() + ", or correct what "
                    + Setting.IDENTITY + " expects.");

    public static final Remedy MAKE_THE_ARCHIVE_READABLE =
            new Remedy("Check the permissions of that file and the disks: a packed archive is unpacked into "
                    + Setting.OUTPUT_DIRECTORY.inFull() + ", which needs room for it.");

    public static final Remedy DUMP_AS_AN_ARCHIVE = new Remedy(
            "Have pg_dump write the custom format (-Fc), and name that file by " + Setting.ARCHIVE_FILE.listed() + ".",
            Guide.ARCHIVES);

    public static final Remedy NAME_ONE_DATABASE_OF_PG_DUMPALL = new Remedy(
            "Name the database to verify: " + Setting.IDENTITY_DATABASE.listed()
                    + ". Verify each of the others in an execution of its own.",
            Guide.PG_DUMPALL);

    public static final Remedy NAME_ARCHIVES_THAT_BELONG_TOGETHER = new Remedy(
            "Name archives of one database that complete each other, for example one with --schema-only and one with --data-only, in the order in which they are restored: "
                    + Setting.ARCHIVE_FILE.listed() + ".",
            Guide.SEVERAL_FILES);

    public static final Remedy GIVE_ROLES_AS_ROLES = new Remedy(
            "Give that file as the roles of a backup: " + Setting.ARCHIVE_ROLES.listed() + "; or as one of several "
                    + Setting.ARCHIVE_FILE.listed() + ", together with the file of the database.",
            Guide.SEVERAL_FILES);

    public static final Remedy DUMP_THE_WHOLE_DATABASE = new Remedy(
            "Take a backup of the whole database, without options that leave parts of it out, and name it by "
                    + Setting.ARCHIVE_FILE.listed() + ".",
            Guide.ARCHIVES);

    public static final Remedy SEE_WHICH_ARCHIVE_THE_HASH_IS_OF =
            new Remedy("Find out whether the file was replaced or damaged on its way here, or correct the hash: "
                    + Setting.ARCHIVE_SHA256.listed() + ", or the .sha256 file next to the archive.");

    public static final Remedy READ_THE_LOGS_OF_THE_ARCHIVES_COMMAND = new Remedy(
            "Read its error output in logs/archive-command-1.log (filters log to -2.log and so on), and correct "
                    + Setting.ARCHIVE_COMMAND.inFull() + " or " + Setting.ARCHIVE_FILTERS.inFull() + ".",
            Guide.ARCHIVES);

    public static final Remedy NAME_A_PROGRAM_THAT_WRITES_THE_ARCHIVE = new Remedy(
            "Name a program with its path, or one in PATH: " + Setting.ARCHIVE_COMMAND.inFull() + ", "
                    + Setting.ARCHIVE_FILTERS.inFull() + ".",
            Guide.ARCHIVES);

    public static final Remedy NAME_A_MANIFEST = new Remedy(
            "Name the manifest that take-backup or verify-backup wrote with this archive: "
                    + Setting.ARCHIVE_MANIFEST.listed() + "; or move the file away, to verify without a manifest.",
            Guide.MANIFESTS);

    public static final Remedy NAME_THE_MANIFEST_OF_THIS_ARCHIVE = new Remedy(
            "Name the archive and the manifest of one backup: " + Setting.ARCHIVE_FILE.inFull() + ", "
                    + Setting.ARCHIVE_MANIFEST.inFull() + "; or move the manifest away, to verify without it.",
            Guide.MANIFESTS);

    public static final Remedy NAME_ONE_MANIFEST = new Remedy(
            "Name the one to compare with: " + Setting.ARCHIVE_MANIFEST.listed() + "; or move the others away.",
            Guide.SEVERAL_FILES);

    public static final Remedy BRING_THE_MANIFEST_AS_IT_WAS = new Remedy(
            "Copy it again from where the backup was taken, or take the backup again; or move it away, to verify without a manifest.",
            Guide.MANIFESTS);

    public static final Remedy COMPARE_WHAT_THE_MANIFEST_HOLDS = new Remedy(
            "Take the backup with this " + Setting.COMPARISON.inFull() + ", or compare less here.", Guide.MANIFESTS);

    public static final Remedy COMPARE_ROWS_OR_GIVE_A_MANIFEST = new Remedy(
            "Leave " + Setting.COMPARISON.inFull() + " at rows, or name the manifest of the archive: "
                    + Setting.ARCHIVE_MANIFEST.listed() + ".",
            Guide.MANIFESTS);

    public static final Remedy COMPARE_ROWS_HERE = new Remedy("Compare rows here, " + Setting.COMPARISON.inFull("rows")
            + ", or verify on a machine like the one that production runs on.");

    public static final Remedy NAME_A_FILE_WITH_ROLES = new Remedy(
            "Name a file that pg_dumpall --globals-only (or --roles-only) wrote: " + Setting.ARCHIVE_ROLES.listed()
                    + ".",
            Guide.ARCHIVE_ROLES);

    // ---- the server and the role ----

    public static final Remedy USE_A_POSTGRESQL_OF_13_OR_NEWER =
            new Remedy("Upgrade it, or back it up with its own pg_dump.");

    public static final Remedy MIGRATE_BETWEEN_START_AND_STOP = new Remedy(
            "Bind the migration to a phase between those of the goals start and stop, and check in its output which database it migrated.");

    public static final Remedy SEE_WHY_THE_SERVER_WAS_LOST =
            new Remedy("Read logs/server.log to find out why the throw-away server was lost.");

    public static final Remedy CHECK_THE_SERVERS_LOG = new Remedy("Check the server's log.");

    public static final Remedy GRANT_CONNECT =
            new Remedy("Have the owner run GRANT CONNECT ON DATABASE, or use another role.");

    public static final Remedy LEAVE_CONNECTIONS_FREE = new Remedy(
            "Run the verification when fewer clients are connected, or raise max_connections; it needs up to two connections and one for each of "
                    + Setting.BACKUP_JOBS.inFull() + ".");

    public static final Remedy CORRECT_THE_NAME_OF_THE_CONTAINER =
            new Remedy("Correct the name (docker ps), or name the daemon that has it in DOCKER_HOST.");

    public static final Remedy START_THE_PROTECTED_CONTAINER =
            new Remedy("Start it, or correct " + Setting.CONTAINER + " of this " + Setting.PROTECTED_ENVIRONMENT + ".");

    public static final Remedy CORRECT_WHAT_IS_INCLUDED = new Remedy("Correct " + Setting.INCLUDE.inFull()
            + "; names are SQL identifiers, in double quotes where they have capital letters.");

    // ---- production comes first ----

    public static final Remedy RUN_WHEN_NO_MIGRATION_RUNS = new Remedy("Run the verification when no migration runs.");

    public static final Remedy WAIT_FOR_THE_SESSION_THAT_LOCKS = new Remedy(
            "Run the verification when that session has ended, or raise " + Setting.LOCK_WAIT_TIMEOUT.inFull() + ".");

    public static final Remedy RAISE_LOCK_WAIT_TIMEOUT =
            new Remedy("Run the backup when no migration runs, or raise " + Setting.LOCK_WAIT_TIMEOUT.inFull() + ".");

    public static final Remedy RAISE_MAXIMUM_BLOCKING = new Remedy(
            "Run the verification when no migration runs, or let others wait longer: "
                    + Setting.MAXIMUM_BLOCKING.listed() + "; for a command with CONCURRENTLY "
                    + Setting.MAXIMUM_SNAPSHOT_BLOCKING.listed() + ".",
            Guide.SPARE_PRODUCTION);

    public static final Remedy ASK_WHEN_NO_MIGRATION_RUNS =
            new Remedy("Run it when no migration runs, or let others wait longer: " + Setting.MAXIMUM_BLOCKING.listed()
                    + "; for a command with CONCURRENTLY " + Setting.MAXIMUM_SNAPSHOT_BLOCKING.listed() + ".");

    public static final Remedy LOOK_AT_THE_NETWORK =
            new Remedy("Check the network between this machine and that server, and the server's log.");

    public static final Remedy LET_THE_STANDBY_WAIT = new Remedy(
            "Raise max_standby_streaming_delay on the standby or set hot_standby_feedback = on.", Guide.STANDBYS);

    public static final Remedy LET_THE_STANDBY_WAIT_OR_DUMP_THE_PRIMARY = new Remedy(
            "Set hot_standby_feedback = on or a longer max_standby_streaming_delay on the standby, or give "
                    + Setting.SOURCE_URL.inFull() + " the primary.",
            Guide.STANDBYS);

    // ---- pg_dump ----

    public static final Remedy USE_A_NEWER_CLIENT =
            new Remedy("Name the directory of the client programs of the server's major version, or of newer ones: "
                    + Setting.BIN_DIRECTORY.listed() + ".");

    public static final Remedy DUMP_AS_A_ROLE_THAT_SEES_EVERY_ROW =
            new Remedy("Dump as a role with BYPASSRLS or as a superuser: set " + Setting.SOURCE_SERVER_ID.inFull()
                    + " or PGBACKUP_USER.");

    public static final Remedy DUMP_AS_A_ROLE_THAT_READS_EVERYTHING =
            new Remedy("Grant it the role pg_read_all_data (PostgreSQL 14 and newer) or the missing privilege, or set "
                    + Setting.SOURCE_SERVER_ID.inFull() + " to a role that can read everything.");

    public static final Remedy CAPTURE_WHAT_THE_ROLE_MAY_READ =
            new Remedy("Grant it SELECT, or choose what it may read: " + Setting.INCLUDE.inFull() + ", "
                    + Setting.EXCLUDE.inFull() + ".");

    public static final Remedy CONNECT_TO_ONE_SERVER =
            new Remedy("Connect to the server itself: give " + Setting.SOURCE_URL.inFull()
                    + " the address of one server, not that of a connection pooler or of a load balancer.");

    public static final Remedy CORRECT_THE_CREDENTIALS =
            new Remedy("Correct the server entry that " + Setting.SOURCE_SERVER_ID.inFull()
                    + " names, or PGBACKUP_USER and PGBACKUP_PASSWORD, or the line in ~/.pgpass.");

    public static final Remedy COMPRESS_BY_ANOTHER_METHOD =
            new Remedy("Set " + Setting.BACKUP_COMPRESSION.inFull() + " to gzip or none.");

    public static final Remedy COMPRESS_AS_THE_CLIENT_CAN =
            new Remedy("Set " + Setting.BACKUP_COMPRESSION.inFull() + " accordingly.");

    public static final Remedy FIND_OUT_WHO_CANCELLED =
            new Remedy("Find out in the server's log who cancelled it, and run the build again.");

    public static final Remedy CHECK_THE_SOURCE =
            new Remedy("Read the server's log, and check " + Setting.SOURCE_URL.inFull() + ".");

    public static final Remedy READ_THE_LOG_OF_PG_DUMP = new Remedy("Its whole output is in logs/pg_dump.log.");

    // ---- the archive ----

    public static final Remedy TAKE_THE_BACKUP_AGAIN =
            new Remedy("Take the backup again; the archive is not complete.");

    public static final Remedy TAKE_THE_BACKUP_AGAIN_OR_USE_A_NEWER_CLIENT = new Remedy(
            "Take the backup again; the archive is not complete, or pg_restore is too old: name newer programs with "
                    + Setting.BIN_DIRECTORY.orOther() + ".");

    public static final Remedy TAKE_A_BACKUP_THAT_IS_WHAT_PG_DUMP_WROTE =
            new Remedy("Take the backup again; the archive is not as pg_dump wrote it.", Guide.DAMAGED_ARCHIVES);

    public static final Remedy USE_A_NEWER_PLUGIN = new Remedy("Use a newer release of this plugin.");

    public static final Remedy USE_A_KNOWN_PG_DUMP =
            new Remedy("Use a pg_dump of PostgreSQL 13 to 19, or a newer release of this plugin.");

    public static final Remedy USE_AN_ENCODING_THAT_JAVA_HAS =
            new Remedy("Only databases in an encoding that Java supports can be verified; UTF8 is the safe choice.");

    public static final Remedy MAKE_ROOM_FOR_TEMPORARY_FILES =
            new Remedy("Check that the disk with the temporary files has room.");

    // ---- programs ----

    public static final Remedy NAME_THE_DIRECTORY_OF_THE_PROGRAMS = new Remedy(
            "Name the directory that holds PostgreSQL's programs (pg_dump, pg_restore; initdb and postgres for a server) with "
                    + Setting.BIN_DIRECTORY.orOther() + ".");

    public static final Remedy NAME_THE_DIRECTORY_OF_THE_CLIENT =
            new Remedy("Name the directory of its client programs with " + Setting.BIN_DIRECTORY.orOther() + ".");

    public static final Remedy INSTALL_THE_SERVER_OR_REACH_THE_REPOSITORY =
            new Remedy("Install that PostgreSQL server on this machine, name its directory ("
                    + Setting.BIN_DIRECTORY.listed() + "), or make the repository reachable.");

    // ---- the throw-away server ----

    public static final Remedy USE_ANOTHER_OPERATING_SYSTEM =
            new Remedy("Run the build on one of them, or in a Linux virtual machine.");

    public static final Remedy RUN_AS_ANOTHER_USER =
            new Remedy("Run the build as another user, or add a user named postgres.");

    public static final Remedy RUN_AS_A_USER_WITH_A_NAME = new Remedy(
            "Run the build as a user who has one, or give this user one; a container can mount the machine's file:"
                    + " -v /etc/passwd:/etc/passwd:ro.");

    public static final Remedy MAKE_ROOM_FOR_THE_COPY = new Remedy(
            "Make room in the directory for temporary files, or name one that has room for the whole database: "
                    + Setting.WORK_DIRECTORY.listed() + ".");

    public static final Remedy USE_A_LARGER_DISK_FOR_THE_ARCHIVE =
            new Remedy("Make room there, or use a larger disk: " + Setting.OUTPUT_DIRECTORY.listed() + ".");

    public static final Remedy USE_A_LARGER_DISK_FOR_THE_COPY =
            new Remedy("Make room there, or use a larger disk: " + Setting.WORK_DIRECTORY.listed() + ".");

    public static final Remedy USE_A_LARGER_DISK_FOR_THE_DAEMON =
            new Remedy("Make room there, or move the data root of the Docker daemon to a larger disk.");

    public static final Remedy GO_ON_WITH_LITTLE_SPACE = new Remedy(
            "If the database is bloated or compresses well, " + Setting.ON_LITTLE_SPACE.inFull("warn") + " continues.");

    public static final Remedy NAME_ANOTHER_WORK_DIRECTORY =
            new Remedy("Name another one: " + Setting.WORK_DIRECTORY.listed() + ".");

    public static final Remedy CHECK_THE_WORK_DIRECTORY =
            new Remedy("Check that there is room and that its directory can be written to, or name another one: "
                    + Setting.WORK_DIRECTORY.listed() + ".");

    public static final Remedy NAME_ANOTHER_IMAGE =
            new Remedy("Name another image: " + Setting.RESTORE_IMAGE.listed() + ".");

    public static final Remedy KEEP_THE_CONTRACT_OF_THE_OFFICIAL_IMAGES = new Remedy(
            "The whole log is logs/server.log. The image must keep the contract of the official postgres images; name another one: "
                    + Setting.RESTORE_IMAGE.listed() + ".");

    public static final Remedy HAVE_THE_PROGRAMS_IN_THE_CONTAINER = new Remedy(
            "It must have pg_dump, pg_restore, sh and bash in its PATH, as the official postgres images have.");

    public static final Remedy START_DOCKER = new Remedy(
            "Start Docker, let this user reach its socket, or name another daemon in DOCKER_HOST.", Guide.DOCKER);

    public static final Remedy GET_THE_IMAGE = new Remedy(
            "Check the name, load it (docker pull, docker load), name one that is there by "
                    + Setting.RESTORE_IMAGE.inFull() + ", or restore without Docker: "
                    + Setting.RESTORE_ENGINE.inFull("local") + ".",
            Guide.DOCKER);

    public static final Remedy LOOK_AT_THE_DAEMON =
            new Remedy("Check the daemon (docker info) and its log, and run it again; or restore without Docker: "
                    + Setting.RESTORE_ENGINE.inFull("local") + ".");

    public static final Remedy GIVE_THE_RESTORE_ITS_OWN_SERVER = new Remedy("Give the restore a server of its own: "
            + Setting.inFull(Setting.RESTORE_ENGINE, Setting.RESTORE_IMAGE) + ".");

    // ---- the restore ----

    public static final Remedy HAVE_THE_EXTENSIONS = new Remedy(
            "Name an image that has them: " + Setting.RESTORE_IMAGE.inFull()
                    + "; for the local engine install them for that version of PostgreSQL, or name an installation that has them: "
                    + Setting.BIN_DIRECTORY.inFull() + ".",
            Guide.RESTORE);

    public static final Remedy CORRECT_THE_PARAMETERS =
            new Remedy("Correct or remove the parameters that the server rejects: "
                    + Setting.RESTORE_PARAMETERS.listed() + "; the whole log is logs/server.log.");

    public static final Remedy HAVE_THE_LOCALE =
            new Remedy("If a locale is missing, install it (Debian: locales-all) or name an image that has it ("
                    + Setting.RESTORE_IMAGE.listed() + "); else read logs/pg_restore.log.");

    public static final Remedy GIVE_THE_RESTORE_MEMORY =
            new Remedy("Read the log of the machine: it may have run out of memory. If so, lower "
                    + Setting.RESTORE_JOBS.inFull() + ".");

    public static final Remedy READ_THE_LOG_OF_THE_SERVER =
            new Remedy("Read logs/server.log: the server may have ended.");

    public static final Remedy SEE_WHY_THE_SERVER_ENDED =
            new Remedy("Read logs/server.log: the server may have ended, or run out of memory.");

    public static final Remedy DUMP_IN_THE_CUSTOM_FORMAT =
            new Remedy("Install the client programs of that version on this machine and name their directory, "
                    + Setting.BIN_DIRECTORY.inFull() + ", or leave out " + Setting.BACKUP_FORMAT.inFull() + " and "
                    + Setting.BACKUP_JOBS.inFull() + ".");

    // ---- the run ----

    public static final Remedy ALLOW_MORE_TIME = new Remedy(
            "Find the slow stage in the list of stages, or allow more time: " + Setting.TIMEOUT.listed() + ".");

    public static final Remedy RUN_IT_AGAIN = new Remedy("Run it again.");

    public static final Remedy LOOK_AT_THE_SERVERS_LOG =
            new Remedy("Read that server's log; for the throw-away server it is logs/server.log.");

    public static final Remedy LOOK_UP_THE_SQLSTATE =
            new Remedy("Look the SQLSTATE up in the PostgreSQL manual, appendix A.");

    public static final Remedy REPORT_THE_DEFECT =
            new Remedy("This is a defect of the plugin; please report it with the output of mvn -X.");

    public static final Remedy ALLOW_MORE_TIME_FOR_FAULTS =
            new Remedy("If none was tried, allow more time: " + Setting.BUDGET.listed()
                    + ". If all were unviable, the database holds too little for a fault to change anything.");

    // ---- the restored database, handed over ----

    public static final Remedy NAME_A_ROLE_THAT_IS_RESTORED =
            new Remedy("Name a role of the source, or leave this out to use the database's owner: "
                    + Setting.REHEARSAL_ROLE.listed() + "; roles are restored only with "
                    + Setting.RESTORE_ROLES.inFull("provision") + ".");

    public static final Remedy NAME_A_ROLE_THAT_MAY_CONNECT =
            new Remedy("Name the role that migrates production: " + Setting.REHEARSAL_ROLE.listed() + ".");

    public static final Remedy NAME_A_PROGRAM_THAT_MIGRATES =
            new Remedy("Name a program with its path, or one in PATH: " + Setting.REHEARSAL_COMMAND.listed() + ".");

    public static final Remedy STOP_BEFORE_THE_BUILD_ENDS =
            new Remedy("Find out why the build ended, and bind stop to a phase that it reaches.");

    public static final Remedy ALLOW_A_LONGER_LIFE = new Remedy(
            "Find out what took so long, or allow more time: " + Setting.REHEARSAL_MAXIMUM_LIFETIME.listed() + ".");

    public static final Remedy START_AGAIN_AND_STOP = new Remedy("Run start and stop again, in one build.");

    // ---- the evidence of another run ----

    public static final Remedy BRING_THE_WHOLE_FOLDER = new Remedy(
            "Run verify-backup first, or copy the whole folder of its run here: " + Setting.OUTPUT_DIRECTORY.listed()
                    + ".",
            Guide.CHECK_EVIDENCE);

    public static final Remedy BRING_THE_ARCHIVE_ALONG = new Remedy(
            "Copy the archive along with the rest. If it must not leave the machine that took it, accept evidence without it, "
                    + Setting.REQUIRE_ARCHIVE.inFull("false") + ", or verify with "
                    + Setting.BACKUP_KEEP_ARCHIVE.inFull("never") + "; then the checksums do not list it.");

    public static final Remedy BRING_THE_EVIDENCE_OF_THAT_SOURCE =
            new Remedy("Use the folder of the run that verified this source, or give both goals the same "
                    + Setting.SOURCE_URL.inFull() + " or " + Setting.SOURCE_CONTAINER.inFull() + ".");

    public static final Remedy CHECK_BY_THE_VERSION_THAT_WROTE_IT =
            new Remedy("Check it with the version of the plugin that wrote it.");

    public static final Remedy VERIFY_THE_SOURCE = new Remedy("Run verify-backup with a source, "
            + Setting.SOURCE_URL.inFull() + ", instead of " + Setting.ARCHIVE + ".");

    public static final Remedy VERIFY_AGAIN = new Remedy("Run verify-backup again.");

    public static final Remedy VERIFY_AGAIN_OR_ALLOW_MORE =
            new Remedy("Run verify-backup again, or accept an older run: " + Setting.MAXIMUM_AGE.listed() + ".");

    public static final Remedy SET_THE_CLOCKS = new Remedy("Set the clocks of both machines.");

    public static final Remedy DEMAND_THE_SAME =
            new Remedy("Give both goals the same " + Setting.EXPECTATIONS + ", " + Setting.COMPARISON.inFull() + " and "
                    + Setting.RESTORE + ", or name what was agreed on: " + Setting.DEMANDS.listed() + ".");

    public static final Remedy BIND_THE_EVIDENCE = new Remedy(
            "Give verify-backup the same " + Setting.BOUND_TO + ": " + Setting.BOUND_TO_COMMIT.listed() + ", or "
                    + Setting.BOUND_TO_INCLUDES.listed() + ".",
            Guide.BOUND_EVIDENCE);

    public static final Remedy VERIFY_WHAT_IS_RELEASED =
            new Remedy("Run verify-backup with what is released, or release what was verified.");

    public static final Remedy HAVE_THE_EVIDENCE_SIGNED = new Remedy(
            "Let verify-backup sign: name in " + Setting.SIGNATURE_SERVER_ID.inFull() + " the " + Setting.SERVER
                    + " of settings.xml that has the key.",
            Guide.SIGNED_EVIDENCE);

    public static final Remedy BRING_THE_FOLDER_OF_ONE_RUN =
            new Remedy("Use all files of one run, or run verify-backup again.");

    public static final Remedy BRING_THE_FOLDER_AS_IT_WAS =
            new Remedy("Copy the folder as the run left it, or run verify-backup again.");

    public static final Remedy HAVE_THE_EVIDENCE_SIGNED_BY_A_NEWER_KEY =
            new Remedy("Sign with a newer key, " + Setting.SIGNATURE_SERVER_ID.inFull() + ", and trust its public key: "
                    + Setting.TRUSTED_KEYS.listed() + ".");

    public static final Remedy TRUST_THE_KEY_THAT_SIGNED = new Remedy(
            "Find out whose key it is; if you trust it, add its public key: " + Setting.TRUSTED_KEYS.listed() + ".",
            Guide.SIGNED_EVIDENCE);

    private final String text;

    private Remedy(String text) {
        this.text = text;
    }

    /** A remedy that a section of the documents explains. */
    private Remedy(String text, Guide guide) {
        this(text + " " + guide.sentence());
    }

    /** A remedy that only a front end can know, such as a change to one of Maven's files. */
    public static Remedy ofFrontEnd(String text) {
        return new Remedy(text);
    }

    /** The same, for a remedy that a section of the documents explains. */
    public static Remedy ofFrontEnd(String text, Guide guide) {
        return new Remedy(text, guide);
    }

    /** Several remedies, one after the other, without repetition. */
    public static Remedy all(List<Remedy> remedies) {
        return new Remedy(remedies.stream().map(Remedy::text).distinct().collect(Collectors.joining(" ")));
    }

    /**
     * The source's role sees too little of one kind of object.
     *
     * @param privilege as {@code GRANT} takes it: {@code SELECT ON TABLE}
     */
    public static Remedy grant(String privilege, String role) {
        return new Remedy("Have a superuser run GRANT pg_read_all_data TO " + role
                + " (PostgreSQL 14 and newer) or GRANT " + privilege + ".");
    }

    public static Remedy grantLargeObjects() {
        return new Remedy("Dump as a superuser or have each one's owner run GRANT SELECT ON LARGE OBJECT.");
    }

    public static Remedy bypassRowSecurity(String role) {
        return new Remedy("Have a superuser run ALTER ROLE " + role + " BYPASSRLS, or dump as the tables' owner.");
    }

    /** The source is not the expected one; the tags are the keys below {@code identity} that do not match. */
    public static Remedy correctTheSourceOrItsIdentity(List<String> tags) {
        return new Remedy("Correct " + Setting.SOURCE_URL.inFull() + ", or what " + Setting.IDENTITY + " expects ("
                + tags.stream()
                        .map(tag -> Setting.otherOrOnly("identity." + tag))
                        .collect(Collectors.joining(", ")) + ").");
    }

    /** Users of psql may have set these, perhaps for another server or with other credentials. */
    private static final String LIBPQ_VARIABLES = "PGUSER, PGPASSWORD and PGSERVICE are not read.";

    /** A password is missing; the tag is the one that names the credentials, with its property if it has one. */
    public static Remedy giveThePassword(String serverIdTag) {
        return new Remedy("Provide it by " + credentials(serverIdTag) + ". " + LIBPQ_VARIABLES);
    }

    public static Remedy correctTheCredentials(String serverIdTag) {
        return new Remedy("Correct it in " + credentials(serverIdTag) + ". " + LIBPQ_VARIABLES);
    }

    private static String credentials(String serverIdTag) {
        return serverIdTag + ", or PGBACKUP_USER and PGBACKUP_PASSWORD in the environment, or ~/.pgpass";
    }

    public static Remedy nameOneHostOrGiveThePassword(String serverIdTag) {
        return new Remedy("Name one host, or provide the password by " + serverIdTag + " or PGBACKUP_PASSWORD.");
    }

    public static Remedy checkEncryption(String urlTag) {
        return new Remedy("Check sslmode and gssEncMode in " + urlTag + ".");
    }

    public static Remedy checkTls(String urlTag) {
        return new Remedy("Check sslmode, sslrootcert, sslcert and sslkey in " + urlTag + ".");
    }

    public static Remedy checkTheServersLogAndTls(String urlTag) {
        return new Remedy("Check the server's log, and the TLS parameters in " + urlTag + ".");
    }

    public static Remedy nameTheServerBehindThePooler(String urlTag) {
        return new Remedy("Name the server's own address and port in " + urlTag + ".");
    }

    public static Remedy checkThatPostgresqlListens(String urlTag) {
        return new Remedy("Check that a PostgreSQL server listens at the host and port in " + urlTag + ".");
    }

    public static Remedy checkHostAndPort(String urlTag) {
        return new Remedy("Check host and port in " + urlTag + ", and that the server listens there.");
    }

    public static Remedy checkTheRole(String serverIdTag, String urlTag) {
        return new Remedy("Check the role (from " + serverIdTag
                + " or PGBACKUP_USER), pg_hba.conf on the server, and sslmode in " + urlTag + ".");
    }

    public static Remedy nameTheDatabaseOrExpectSomething(String urlTag) {
        return new Remedy(
                "Correct " + urlTag + ", or declare in " + Setting.EXPECTATIONS + " what the backup must hold.");
    }

    public static Remedy correctTheDatabase(String urlTag) {
        return new Remedy("Correct the name in " + urlTag + ".");
    }

    public static Remedy waitUntilItIsUp(String urlTag) {
        return new Remedy("Wait until it is up, or name another server in " + urlTag + ".");
    }

    public static Remedy checkTheUrlAndTheServersLog(String urlTag) {
        return new Remedy("Check " + urlTag + " and the server's log.");
    }

    public static Remedy startTheContainer(String name) {
        return new Remedy("Start it: docker start " + name + ".");
    }

    public static Remedy raiseMaxLocksPerTransaction(String server) {
        return new Remedy("Raise max_locks_per_transaction on " + server
                + " above the number of tables divided by max_connections.");
    }

    public static Remedy useTheClientOf(int major) {
        return new Remedy("Use the client programs of PostgreSQL " + major + " or newer: "
                + Setting.BIN_DIRECTORY.listed() + ".");
    }

    public static Remedy dumpByTheClientOf(int major) {
        return new Remedy("Dump with the client programs of PostgreSQL " + major
                + " itself: install them (Debian: postgresql-client-" + major
                + ") or name their directory, " + Setting.BIN_DIRECTORY.listed() + ".");
    }

    public static Remedy installTheClientOf(int major) {
        return new Remedy("Install the client programs of PostgreSQL " + major + " (Debian: postgresql-client-" + major
                + "), or name their directory: " + Setting.BIN_DIRECTORY.listed() + ".");
    }

    public static Remedy installTheServerOf(int major) {
        return new Remedy("Install the server of PostgreSQL " + major
                + " and, if it is not found, name its directory with " + Setting.BIN_DIRECTORY.orOther() + ".");
    }

    public static Remedy makeRoomForTheServerOf(int major) {
        return new Remedy("Check that 100 MB are free there, or name a directory of server programs of PostgreSQL "
                + major + " with " + Setting.BIN_DIRECTORY.orOther() + ".");
    }

    public static Remedy useOtherServerPrograms(String log) {
        return new Remedy("The whole log is " + log + ". If these programs cannot run here, name others with "
                + Setting.BIN_DIRECTORY.orOther() + ".");
    }

    public static Remedy leaveItsFilesAlone(String directory) {
        return new Remedy("Check that nothing removes files in " + directory + " while the build runs.");
    }

    public static Remedy readTheSummary(String file) {
        return new Remedy("Read " + file + ".");
    }

    /** A sentence or two; empty for {@link #NONE}. */
    public String text() {
        return text;
    }

    @Override
    public String toString() {
        return text;
    }
}
