import groovy.json.JsonSlurper
import groovy.xml.XmlSlurper
import groovy.xml.XmlUtil
import java.util.regex.Pattern

context.production.close()

// The same configuration passes after the migration.
def configuration = { directory ->
    def pom = new XmlSlurper().parse(new File(directory, 'pom.xml'))
    XmlUtil.serialize(pom.build.plugins.plugin.configuration)
}
assert configuration(basedir) == configuration(new File(basedir.parentFile, 'directus-scenario'))

def missing = [
    'cutter_governance.canonical_address_alias',
    'public.tac_logical_unit.authority',
    'public.tac_logical_unit.canonical_address_format_version',
    'sandbox_tac.logical_unit.authority',
    'sandbox_tac.logical_unit.canonical_address_format_version',
]

def evidence = new File(basedir, 'target/verify-backup')
assert new JsonSlurper().parse(new File(evidence, 'verification.json')).verdict == 'FAIL'
def summary = new File(evidence, 'SUMMARY.txt').text
missing.each { assert summary.contains(it) }

// A failed check is a failure of the build, not an error of the plugin, and its message names what is missing.
def log = new File(basedir, 'build.log').text
assert log.contains('MojoFailureException')
def failure = log.substring(log.indexOf('BUILD FAILURE'))
// The table of the failed checks fits into 80 columns: a longer name continues in the next line.
assert failure.readLines().every { !it.startsWith('[ERROR]   ') || it.length() <= 80 }
def text = failure.replaceAll(/\n\[ERROR] +/, '')
missing.each { assert text.contains(it) }

def check = ['sha256sum', '--check', '--strict', 'SHA256SUMS'].execute(null, evidence)
def output = new StringBuilder()
check.waitForProcessOutput(output, output)
assert check.exitValue() == 0: output
