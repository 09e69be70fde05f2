package io.github.pgbackup.test;

/**
 * The database {@code directus}, whose migration depends on a good backup: superuser {@code workflow_admin},
 * application role {@code directus}, 86 units in {@code public.tac_logical_unit}, 76 in
 * {@code sandbox_tac.logical_unit}. After the migration, nine checks hold; before it, five of their objects are
 * missing.
 */
public final class DirectusScenario {

    private static final String BEFORE_MIGRATION = "scenario/directus-before-migration.sql";
    private static final String MIGRATION = "scenario/directus-migration.sql";

    private DirectusScenario() {}

    /** Creates the database in its state after the migration. */
    public static void create(ProductionServer production, String database) {
        createBeforeMigration(production, database);
        production.load(database, MIGRATION);
    }

    /**
     * Creates the database in its state before the migration: no alias table, and neither of the columns in the two
     * tables.
     */
    public static void createBeforeMigration(ProductionServer production, String database) {
        production.createDatabase(database);
        production.load(database, BEFORE_MIGRATION);
    }
}
