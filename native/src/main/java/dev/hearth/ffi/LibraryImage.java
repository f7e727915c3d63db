package dev.hearth.ffi;

import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Properties;

/**
 * The library as the jar holds it, with the facts that build.py wrote beside it.
 *
 * @param platform what it was built for
 * @param size in bytes
 * @param sha256 of the content, in lower-case hexadecimal
 */
record LibraryImage(Platform platform, int size, String sha256) {
    private static final int LARGEST = 1 << 28;

    /**
     * Looks for a platform's library; empty where the jar has none.
     *
     * @throws IOException if the facts cannot be read or make no sense
     */
    static Optional<LibraryImage> find(Platform platform) throws IOException {
        String place = platform + "/library.properties";
        try (InputStream in = LibraryImage.class.getResourceAsStream(place)) {
            if (in == null) {
                return Optional.empty();
            }
            var facts = new Properties();
            facts.load(in);
            String sha256 = facts.getProperty("sha256", "");
            int size = Integer.parseInt(facts.getProperty("size", "0"));
            if (!sha256.matches("[0-9a-f]{64}") || size <= 0 || size > LARGEST) {
                throw new IOException(place + ": expected a size and a sha256, found " + facts);
            }
            return Optional.of(new LibraryImage(platform, size, sha256));
        } catch (IllegalArgumentException e) { // a number or an escape that isn't one
            throw new IOException(place + ": " + e.getMessage(), e);
        }
    }

    /** The file itself, if the class path is a folder rather than a jar. */
    Optional<Path> file() {
        URL url = LibraryImage.class.getResource(resource());
        try {
            return url != null && url.getProtocol().equals("file")
                    ? Optional.of(Path.of(url.toURI()))
                    : Optional.empty();
        } catch (URISyntaxException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /**
     * The library's bytes.
     *
     * @throws IOException if they cannot be read or aren't what the jar says of them
     */
    byte[] content() throws IOException {
        try (InputStream in = LibraryImage.class.getResourceAsStream(resource())) {
            byte[] content = in == null ? new byte[0] : in.readNBytes(size + 1);
            if (!isContent(content)) {
                throw new IOException(resource() + ": expected " + size + " bytes with sha256 " + sha256
                        + ", found others; the jar is damaged");
            }
            return content;
        }
    }

    /** Whether a file holds exactly this. */
    boolean isContentOf(Path file) throws IOException {
        return Files.isRegularFile(file) && Files.size(file) == size && isContent(Files.readAllBytes(file));
    }

    private boolean isContent(byte[] content) {
        return content.length == size && hash(content).equals(sha256);
    }

    private String resource() {
        return platform + "/" + platform.libraryName();
    }

    private static String hash(byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
