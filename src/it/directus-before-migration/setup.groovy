import io.github.pgbackup.test.DirectusScenario
import io.github.pgbackup.test.ProductionServer

def production = ProductionServer.start('workflow_admin')
context.production = production
DirectusScenario.createBeforeMigration(production, 'directus')
// The password that ../settings.xml has for the server directus-backup.
production.execute('directus', "ALTER ROLE workflow_admin PASSWORD 'only in these tests'")
new File(basedir, 'test.properties').text = "directus.url = ${production.url('directus')}\n"
return true
