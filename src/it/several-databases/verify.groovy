import groovy.json.JsonSlurper

context.production.close()

['shop', 'billing'].each { database ->
    def evidence = new File(basedir, "target/verify-backup-$database")
    def verification = new JsonSlurper().parse(new File(evidence, 'verification.json'))
    assert verification.verdict == 'PASS'
    assert verification.source.database == database
    assert verification.checks.any { it.group == 'expectation' }

    // The archive is in the evidence, and also where mvn clean does not delete it.
    def archive = new File(evidence, verification.archive.path)
    def stored = new File(verification.archive.stored.archive)
    assert stored.parentFile == new File(basedir, 'backups')
    assert stored.bytes == archive.bytes
    assert new File(verification.archive.stored.roles).text.contains('workflow_admin')
}
assert !new File(basedir, 'target/verify-backup').exists()
assert new File(basedir, 'backups').list().every { it ==~ /(shop|billing)_\d{8}T\d{6}Z\.(dump|dump\.manifest\.json|roles\.sql)/ }
