import io.github.pgbackup.test.ProductionServer

def production = ProductionServer.start('workflow_admin')
context.production = production
production.createDatabase('shop')
production.execute('shop', 'CREATE TABLE orders AS SELECT id FROM generate_series(1, 5) id')
production.createDatabase('billing')
production.execute('billing', 'CREATE TABLE invoices AS SELECT id, id * 10.0 AS total FROM generate_series(1, 3) id')
// The password that ../settings.xml has for the server directus-backup. This must come last: the connections above use
// another one.
production.execute('billing', "ALTER ROLE workflow_admin PASSWORD 'only in these tests'")
new File(basedir, 'test.properties').text = """\
shop.url = ${production.url('shop')}
billing.url = ${production.url('billing')}
"""
return true
