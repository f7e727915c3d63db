package dev.hearth.tinymodel;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A model of a few million parameters (Qwen3 architecture, Hugging Face layout) that tells short stories, chats and calls tools in a
 * small world of its own; its card is {@code samples/tiny-model/README.md}. Thread-safe, and safe among processes.
 */
public final class TinyModel {
    private static final List<String> FILES = List.of(
            "config.json",
            "generation_config.json",
            "model.safetensors",
            "tokenizer.json",
            "tokenizer_config.json",
            "chat_template.jinja");

    private TinyModel() {}

    /**
     * The model's folder, made in the system's folder for temporary files at first use and named by its content.
     *
     * @throws UncheckedIOException if it cannot be written
     */
    public static Path folder() {
        return folder(Path.of(System.getProperty("java.io.tmpdir")));
    }

    /** As {@link #folder()}, below a folder of the caller's choice. */
    public static Path folder(Path parent) {
        try {
            Map<String, byte[]> files = read();
            Path folder =
                    parent.resolve("hearth-tiny-model-" + System.getProperty("user.name", "user") + "-" + hash(files));
            Files.createDirectories(folder);
            for (Map.Entry<String, byte[]> file : files.entrySet()) {
                write(folder.resolve(file.getKey()), file.getValue());
            }
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException("tiny model: cannot be written below " + parent + ": " + e.getMessage(), e);
        }
    }

    private static Map<String, byte[]> read() throws IOException {
        Map<String, byte[]> files = new LinkedHashMap<>();
        for (String name : FILES) {
            try (InputStream in = TinyModel.class.getResourceAsStream("model/" + name)) {
                if (in == null) {
                    throw new IOException("the artifact lacks " + name);
                }
                files.put(name, in.readAllBytes());
            }
        }
        return files;
    }

    private static String hash(Map<String, byte[]> files) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            files.values().forEach(digest::update);
            return HexFormat.of().formatHex(digest.digest(), 0, 8);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /** Writes a file unless it is there with this content; another process sees the whole file or none. */
    private static void write(Path file, byte[] content) throws IOException {
        if (Files.isRegularFile(file)
                && Files.size(file) == content.length
                && MessageDigest.isEqual(Files.readAllBytes(file), content)) {
            return;
        }
        Path part = Files.createTempFile(file.getParent(), file.getFileName().toString(), ".part");
        try {
            Files.write(part, content);
            Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (FileAlreadyExistsException e) { // another process was faster
            Files.deleteIfExists(part);
        } finally {
            Files.deleteIfExists(part);
        }
    }
}
