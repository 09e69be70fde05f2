import groovy.json.JsonSlurper
import io.github.pgbackup.test.Docker

// Nothing of ours is left, and the three containers still run.
assert Docker.containers('pgbackup-') == []
assert Docker.danglingVolumes() == context.volumes
([context.production] + context.dryRuns).each {
    assert Docker.docker('inspect', '--format', '{{.State.Running}}', it.name()) == 'true'
}
def ids = ([context.production] + context.dryRuns)*.id()
context.production.close()
context.dryRuns*.close()

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


// Isolation, as the daemon reports it.
def isolation = verification.target.isolation
assert verification.target.engine == 'container'
assert isolation['network mode'] == 'none'
assert isolation['published ports'] == 'none'
assert isolation['network interfaces'] == 'lo'
assert isolation['capabilities dropped'] == 'ALL'
assert isolation['security options'] == 'no-new-privileges'
ids.each { assert !isolation['container'].contains(it) }

// The protected environments are other servers, and are still up.
['dry run 1', 'dry run 2'].each { name ->
    assert verification.checks.count { it.name == name && it.passed } == 1
    assert verification.checks.count { it.name == "not the protected environment $name" && it.passed } == 1
}
return true
