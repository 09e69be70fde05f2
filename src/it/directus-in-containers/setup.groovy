import io.github.pgbackup.test.Docker
import io.github.pgbackup.test.ProductionContainer

Docker.require(15)
// Of their own names, as on the machine that this plugin was first needed on.
context.production = ProductionContainer.start('postgres:15', 'postgres', 'workflow_admin')
context.dryRuns = ['pg-dryrun-1', 'pg-dryrun-2'].collect {
    ProductionContainer.start('postgres:15', it, 'postgres')
}
context.production.createDatabase('directus')
context.production.load('directus', 'scenario/directus-before-migration.sql')
context.production.load('directus', 'scenario/directus-migration.sql')
context.volumes = Docker.danglingVolumes()
return true
