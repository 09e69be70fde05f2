package io.github.pgbackup.handover;

import java.security.SecureRandom;
import java.util.Base64;

/**
 * Who may come in through a {@link Relay}, and to which database.
 *
 * @param user the role, as the server knows it
 * @param database the only database that can be reached
 * @param password known to nobody but whom it is handed to
 */
public record Login(String user, String database, String password) {

    /** More than anybody can try. */
    private static final int BYTES = 32;

    /** A login with a new password, of letters, digits, {@code -} and {@code _}. */
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
