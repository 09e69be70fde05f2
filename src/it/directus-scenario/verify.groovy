import groovy.json.JsonSlurper

context.production.close()

def evidence = new File(basedir, 'target/verify-backup')

def verification = new JsonSlurper().parse(new File(evidence, 'verification.json'))
assert verification.verdict == 'PASS'

// Nine checks, each with the observations in archive, restored database and source.
def checks = verification.checks.findAll { it.group == 'expectation' }
def figures = checks.collectEntries {
    [it.name, [it.figures.archive.text, it.figures.restored.text, it.figures.source.text]]
}
def same = { figure -> [figure, figure, figure] }
assert figures == [
    'table cutter_governance.canonical_address_alias: present': same('yes'),
    'column public.tac_logical_unit.authority: present': same('yes'),
    'column public.tac_logical_unit.authority: values': same("'draft': 86, other values: 0"),
    'column public.tac_logical_unit.canonical_address_format_version: present': same('yes'),
    'column public.tac_logical_unit.canonical_address_format_version: values':
        same("'canonical-address-v1': 86, other values: 0"),
    'column sandbox_tac.logical_unit.authority: present': same('yes'),
    'column sandbox_tac.logical_unit.authority: nulls': same('76'),
    'column sandbox_tac.logical_unit.canonical_address_format_version: present': same('yes'),
    'column sandbox_tac.logical_unit.canonical_address_format_version: values':
        same("'canonical-address-v1': 76, other values: 0"),
]
assert checks.size() == 9
assert checks.every { it.passed }

def summary = new File(evidence, 'SUMMARY.txt').text
assert summary.contains('PASS')
[
    'cutter_governance.canonical_address_alias',
    'public.tac_logical_unit.authority',
    'public.tac_logical_unit.canonical_address_format_version',
    'sandbox_tac.logical_unit.authority',
    'sandbox_tac.logical_unit.canonical_address_format_version',
].each { assert summary.contains(it) }

def dumps = new File(evidence, 'dump').list()
assert dumps.count { it ==~ /directus_\d{8}T\d{6}Z\.dump/ } == 1
assert dumps.count { it ==~ /directus_\d{8}T\d{6}Z\.roles\.sql/ } == 1
['probe/before.json', 'probe/after.json', 'logs/pg_dump.log', 'logs/pg_restore.log', 'logs/server.log'].each {
    assert new File(evidence, it).isFile()
}

// Every file is listed, and has not changed since.
def sums = new File(evidence, 'SHA256SUMS')
def listed = sums.readLines().collect { it.split(/ [ *]/, 2)[1] } as Set
def present = [] as Set
evidence.eachFileRecurse(groovy.io.FileType.FILES) {
    if (it != sums) present << evidence.toPath().relativize(it.toPath()).toString()
}
assert listed == present
def check = ['sha256sum', '--check', '--strict', 'SHA256SUMS'].execute(null, evidence)
def output = new StringBuilder()
check.waitForProcessOutput(output, output)
assert check.exitValue() == 0: output

// Neither Maven's validation of plugins nor the JVM complains about the plugin or its dependencies.
def log = new File(basedir, 'build.log').readLines()
assert !log.any { it.contains('Plugin validation issues') }
assert log.findAll {
    it.contains('WARNING') && it =~ /io.github.pgbackup|org.postgresql|commons.compress|tukaani|gson|jspecify/
} == []

// Everything that the goal prints: a line for each stage, what was found, the verdict. There may be a warning about the
// machine's programs.
def start = log.findIndexOf { it.contains(':verify-backup (default)') }
// Maven itself logs its downloads for the plugin, and Maven 4 that it installs the POM.
def ours = log.drop(start + 1)
        .takeWhile { !it.startsWith('[INFO] ---') }
        .findAll { !(it =~ /^\[INFO\] (Copying|Download(ing|ed) from) /) }
assert ours.size() <= 25
assert ours.findAll { it.length() > 80 && !it.contains(basedir.toString()) && !it.contains('lack security fixes') } == []
assert ours.findAll { !it.contains('lack security fixes') && it != '[INFO] ' }.collect {
    it.replaceAll(/\[ *\d+\.\d s]/, '[TIME]')
            .replaceAll(/directus_\d+T\d+Z/, 'directus_STAMP')
            .replaceAll(/[0-9A-F]{8}-[0-9A-F]{8}-\d/, 'SNAPSHOT')
            .replaceAll(/[0-9a-f]{12}…/, 'HASH…')
            .replaceAll(/pg_dump [\d.]+ in .*/, 'pg_dump VERSION in DIRECTORY')
            .replaceAll(/PostgreSQL [\d.]+/, 'PostgreSQL VERSION')
            .replaceAll(/(no compression|lz4) \(fits in memory\)|(gzip|zstd):1 \(fast and small\)/, 'COMPRESSION')
            .replaceAll(/\d jobs \(for \d+ processors?\)/, 'JOBS')
            .replaceAll(/\d{15,}|[\d,]+(?= bytes| rows)|\d+(?= entries| MB| objects)|(?<=127.0.0.1:|port )\d+/, 'N')
            .replace(basedir.toString(), '.')
}.join('\n') == '''\
[INFO] [TIME] guard
[INFO]   127.0.0.1:N/directus as workflow_admin, PostgreSQL VERSION
[INFO] [TIME] client programs
[INFO]   engine local (configured)
[INFO]   pg_dump VERSION in DIRECTORY
[INFO] [TIME] disk space
[INFO] [TIME] snapshot
[INFO]   SNAPSHOT, 11 tables locked in ACCESS SHARE mode
[INFO]   format custom, 1 job (N MB), COMPRESSION
[INFO] [TIME] dump
[INFO]   dump/directus_STAMP.dump
[INFO]   N bytes, N entries, SHA-256 HASH…
[INFO] [TIME] target
[INFO] [TIME] check archive
[INFO] [TIME] guard target
[INFO]   at a Unix socket, system identifier N
[INFO] [TIME] restore
[INFO]   JOBS
[INFO] [TIME] source observations
[INFO] [TIME] introspect
[INFO] [TIME] production afterwards
[INFO] [TIME] tear down
[INFO] PASS: N rows in 11 tables, N objects; 18 checks, 5 expectations
[INFO] Report: ./target/verify-backup/index.html (as text: SUMMARY.txt)'''

// The password is nowhere else.
def secret = 'only in these tests'
assert !new File(basedir, 'build.log').text.contains(secret)
evidence.eachFileRecurse(groovy.io.FileType.FILES) {
    assert !new String(it.bytes, 'ISO-8859-1').contains(secret): it
}
