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

/** An Ed25519 private key, which signs. It is in no text: not in {@link #toString()}, and in no message. */
public final class SigningKey {

    private final PrivateKey key;
    private final TrustedKey publicKey;

    private SigningKey(PrivateKey key, TrustedKey publicKey) {
        this.key = key;
        this.publicKey = publicKey;
    }

    /**
     * Reads a key as {@code openssl genpkey -algorithm ed25519} writes it: PKCS#8 in PEM, plain or encrypted.
     *
     * @param passphrase of an encrypted key; a plain key needs none
     * @throws IllegalArgumentException when the text is not such a key, or the passphrase does not fit; the message ends a
     *     sentence about it
     */
    public static SigningKey parse(String text, @Nullable String passphrase) {
        Pem pem = Pem.parse(text);
        KeySpec spec = switch (pem.label()) {
            case Pem.PRIVATE_KEY -> new PKCS8EncodedKeySpec(pem.der());
            case Pem.ENCRYPTED_PRIVATE_KEY -> decrypt(pem.der(), passphrase);
            default ->
                throw new IllegalArgumentException("is a " + pem.label()
                        + "; expected is a PRIVATE KEY or an ENCRYPTED PRIVATE KEY (PKCS#8), as openssl genpkey -algorithm"
                        + " ed25519 writes it");
        };
        PrivateKey key = Pem.ed25519(spec, KeyFactory::generatePrivate);
        return new SigningKey(key, publicKeyOf((EdECPrivateKey) key));
    }

    private static KeySpec decrypt(byte[] der, @Nullable String passphrase) {
        if (passphrase == null || passphrase.isEmpty()) {
            throw new IllegalArgumentException("is encrypted, and there is no " + Setting.PASSPHRASE + " beside it");
        }
        if (!passphrase.chars().allMatch(letter -> letter >= ' ' && letter <= '~')) {
            throw new IllegalArgumentException("is encrypted with a " + Setting.PASSPHRASE
                    + " of other characters than those of ASCII, which Java does not take");
        }
        try {
            EncryptedPrivateKeyInfo encrypted = new EncryptedPrivateKeyInfo(der);
            // The JDK knows PBES2 by the name of what it is made of, which its parameters print.
            String algorithm = encrypted.getAlgName().equals("PBES2")
                    ? encrypted.getAlgParameters().toString()
                    : encrypted.getAlgName();
            SecretKey secret =
                    SecretKeyFactory.getInstance(algorithm).generateSecret(new PBEKeySpec(passphrase.toCharArray()));
            Cipher cipher = Cipher.getInstance(algorithm);
            cipher.init(Cipher.DECRYPT_MODE, secret, encrypted.getAlgParameters());
            return encrypted.getKeySpec(cipher);
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalArgumentException("cannot be decrypted: its " + Setting.PASSPHRASE
                    + " is another one, or it is encrypted otherwise than openssl does" + " it by default");
        }
    }

    /**
     * The JDK derives no public key from a private one. Its generator does, from the 32 random bytes that are the private
     * key: here they are not random.
     */
    private static TrustedKey publicKeyOf(EdECPrivateKey key) {
        byte[] secret = key.getBytes().orElseThrow(() -> new IllegalArgumentException("is a key that cannot be read"));
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
                throw new IllegalStateException("This JDK makes Ed25519 keys in another way.");
            }
            return derived;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform from 15 on has Ed25519", e);
        }
    }

    /** By which others check what this key has signed. */
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
            throw new IllegalStateException("an Ed25519 key signs anything", e);
        }
    }

    /** The id of the public key. */
    @Override
    public String toString() {
        return publicKey.id();
    }
}
