package dev.hearth;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/**
 * Tells models apart whose keys and values differ: a digest of settings and of the sizes and samples of all files.
 *
 * @param files files, and folders all of whose files count
 * @param settings whatever else changes keys and values
 */
record ModelIdentity(List<Path> files, List<Object> settings) {
    private static final int SAMPLES = 64;
    private static final int SAMPLE_BYTES = 4096;

    /** The digest. @throws UncheckedIOException if a file cannot be read */
    String text() {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            settings.forEach(s -> digest.update((s + "\n").getBytes(StandardCharsets.UTF_8)));
            for (Path path : files) {
                try (Stream<Path> found = Files.walk(path, 1, FileVisitOption.FOLLOW_LINKS)) {
                    for (Path file : found.filter(Files::isRegularFile).sorted().toList()) {
                        sample(file, digest);
                    }
                }
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    private static void sample(Path file, MessageDigest digest) throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            long size = channel.size();
            digest.update((file.getFileName() + " " + size).getBytes(StandardCharsets.UTF_8));
            for (int i = 0; i < SAMPLES; i++) {
                ByteBuffer sample = ByteBuffer.allocate(SAMPLE_BYTES);
                channel.read(sample, Math.max(0, size - SAMPLE_BYTES) * i / (SAMPLES - 1));
                digest.update(sample.flip());
            }
        }
    }
}
