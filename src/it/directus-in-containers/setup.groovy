import io.github.pgbackup.test.Docker
import io.github.pgbackup.test.ProductionContainer

Docker.require(15)
// With names like those of a real installation.
context.production = ProductionContainer.start('postgres:15', 'postgres', 'workflow_admin')
context.dryRuns = ['pg-dryrun-1', 'pg-dryrun-2'].collect {
    ProductionContainer.start('postgres:15', it, 'postgres')
}
context.production.createDatabase('directus')
context.production.load('directus', 'scenario/directus-before-migration.sql')
context.production.load('directus', 'scenario/directus-migration.sql')
context.volumes = Docker.danglingVolumes()
return true
