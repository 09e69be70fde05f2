package io.github.pgbackup.mojo;

import io.github.pgbackup.Guide;
import io.github.pgbackup.Remedy;

/** Remedies that apply only to Maven: executions and settings.xml. */
final class MavenRemedy {

    static final Remedy GIVE_EACH_EXECUTION_ITS_OWN_FOLDER = Remedy.ofFrontEnd(
            "Give each <execution> an <id> and leave out <outputDirectory> (-Dpgbackup.outputDirectory), so that"
                    + " each has a folder of its own, or name another folder in the <configuration> of each.",
            Guide.SEVERAL_DATABASES);

    static final Remedy ADD_THE_SERVER_TO_SETTINGS = Remedy.ofFrontEnd(
            "Add it to ~/.m2/settings.xml, with <username> and <password>, or leave <serverId> out and set PGBACKUP_USER and PGBACKUP_PASSWORD.");

    static final Remedy ADD_THE_KEY_TO_SETTINGS = Remedy.ofFrontEnd(
            "Add it to ~/.m2/settings.xml: a <server> with <id>, <privateKey> (the key as PEM, or its file) and,"
                    + " if the key is encrypted, <passphrase>. To make a key: openssl genpkey -algorithm ed25519.",
            Guide.SIGNED_EVIDENCE);

    static final Remedy START_AND_STOP_IN_ONE_EXECUTION =
            Remedy.ofFrontEnd("Name both goals, start and stop, in one <execution>: its <id> connects them.");

    static final Remedy ENCRYPT_THE_PASSWORD_AGAIN =
            Remedy.ofFrontEnd("Check ~/.m2/settings-security.xml, or encrypt it again: mvn --encrypt-password.");

    private MavenRemedy() {}
}
