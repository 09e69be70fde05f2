package io.github.pgbackup.signature;

import io.github.pgbackup.Setting;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.interfaces.EdECPrivateKey;
import java.security.spec.KeySpec;
import java.security.spec.NamedParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKey;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.jspecify.annotations.Nullable;

/** An Ed25519 private key for signatures. Neither {@link #toString()} nor any message contains it. */
public final class SigningKey {

    private final PrivateKey key;
    private final TrustedKey publicKey;

    private SigningKey(PrivateKey key, TrustedKey publicKey) {
        this.key = key;
        this.publicKey = publicKey;
    }

    /**
     * Parses a key in the format of {@code openssl genpkey -algorithm ed25519}: PKCS#8 in PEM, plain or encrypted.
     *
     * @param passphrase the passphrase of an encrypted key; ignored for a plain key
     * @throws IllegalArgumentException when the text is not such a key, or the passphrase is wrong; the message
     *     completes a sentence about it
     */
    public static SigningKey parse(String text, @Nullable String passphrase) {
        Pem pem = Pem.parse(text);
        KeySpec spec = switch (pem.label()) {
            case Pem.PRIVATE_KEY -> new PKCS8EncodedKeySpec(pem.der());
            case Pem.ENCRYPTED_PRIVATE_KEY -> decrypt(pem.der(), passphrase);
            default ->
                throw new IllegalArgumentException("has the PEM label " + pem.label()
                        + "; expected PRIVATE KEY or ENCRYPTED PRIVATE KEY (PKCS#8), as written by openssl genpkey -algorithm"
                        + " ed25519");
        };
        PrivateKey key = Pem.ed25519(spec, KeyFactory::generatePrivate);
        return new SigningKey(key, publicKeyOf((EdECPrivateKey) key));
    }

    private static KeySpec decrypt(byte[] der, @Nullable String passphrase) {
        if (passphrase == null || passphrase.isEmpty()) {
            throw new IllegalArgumentException("is encrypted, but there is no " + Setting.PASSPHRASE + " next to it");
        }
        if (!passphrase.chars().allMatch(letter -> letter >= ' ' && letter <= '~')) {
            throw new IllegalArgumentException("is encrypted with a " + Setting.PASSPHRASE
                    + " that contains non-ASCII characters, which Java does not support");
        }
        try {
            EncryptedPrivateKeyInfo encrypted = new EncryptedPrivateKeyInfo(der);
            // The JDK names PBES2 after its components; the parameters print that name.
            String algorithm = encrypted.getAlgName().equals("PBES2")
                    ? encrypted.getAlgParameters().toString()
                    : encrypted.getAlgName();
            SecretKey secret =
                    SecretKeyFactory.getInstance(algorithm).generateSecret(new PBEKeySpec(passphrase.toCharArray()));
            Cipher cipher = Cipher.getInstance(algorithm);
            cipher.init(Cipher.DECRYPT_MODE, secret, encrypted.getAlgParameters());
            return encrypted.getKeySpec(cipher);
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalArgumentException("cannot be decrypted: the " + Setting.PASSPHRASE
                    + " is wrong, or the encryption is not openssl's default");
        }
    }

    /**
     * The JDK cannot derive a public key from a private one. But its generator derives both from 32 random bytes, which
     * are the private key. Here these bytes are not random.
     */
    private static TrustedKey publicKeyOf(EdECPrivateKey key) {
        byte[] secret = key.getBytes().orElseThrow(() -> new IllegalArgumentException("is an unreadable key"));
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("Ed25519");
            generator.initialize(NamedParameterSpec.ED25519, new SecureRandom() {
                private static final long serialVersionUID = 1L;

                @Override
                public void nextBytes(byte[] bytes) {
                    System.arraycopy(secret, 0, bytes, 0, bytes.length);
                }
            });
            TrustedKey derived = new TrustedKey(generator.generateKeyPair().getPublic());
            if (!derived.verifies(secret, sign(key, secret))) {
                throw new IllegalStateException("This JDK generates Ed25519 keys in a different way.");
            }
            return derived;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform since 15 supports Ed25519", e);
        }
    }

    /** The public key to check this key's signatures with. */
    public TrustedKey publicKey() {
        return publicKey;
    }

    byte[] sign(byte[] bytes) {
        return sign(key, bytes);
    }

    private static byte[] sign(PrivateKey key, byte[] bytes) {
        try {
            Signature signer = Signature.getInstance("Ed25519");
            signer.initSign(key);
            signer.update(bytes);
            return signer.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("an Ed25519 key can sign any bytes", e);
        }
    }

    /** The id of the public key. */
    @Override
    public String toString() {
        return publicKey.id();
    }
}
