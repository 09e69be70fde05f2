package io.github.pgbackup.handover;

import java.security.SecureRandom;
import java.util.Base64;

/**
 * Who may connect through a {@link Relay}, and to which database.
 *
 * @param user role on the server
 * @param database the only database that can be reached
 * @param password known only to those who receive the hand-over
 */
public record Login(String user, String database, String password) {

    /** Length of a random password in bytes, too long to guess. */
    private static final int BYTES = 32;

    /** A login with a new password of letters, digits, {@code -} and {@code _}. */
    public static Login random(String user, String database) {
        byte[] random = new byte[BYTES];
        new SecureRandom().nextBytes(random);
        return new Login(user, database, Base64.getUrlEncoder().withoutPadding().encodeToString(random));
    }

    /** Without the password. */
    @Override
    public String toString() {
        return "role " + user + ", database " + database;
    }
}
