package dev.hearth.cpu;

import dev.hearth.conformance.OracleFiles;
import dev.hearth.format.ModelFolder;
import dev.hearth.model.Architectures;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** The models with reference logits that this version promises to run. */
final class Reference {
    private Reference() {}

    /** Folders with an oracle: all that there are beside the checkout, else the copies in test resources. */
    static List<Path> folders() {
        String shared = System.getProperty("hearth.shared", "");
        if (shared.isEmpty()) {
            return List.of(resource("oracles/qwen3"), resource("gguf/llama-Q4_0"));
        }
        List<Path> folders = new ArrayList<>(OracleFiles.find(Path.of(shared, "oracles")));
        folders.removeIf(folder -> !known(folder));
        folders.addAll(OracleFiles.find(Path.of(shared, "gguf")));
        return folders;
    }

    private static boolean known(Path folder) {
        String modelType =
                ModelFolder.open(folder).config().string("model_type").orElse("");
        return Architectures.all().stream().anyMatch(f -> f.modelTypes().contains(modelType));
    }

    static Path resource(String name) {
        try {
            return Path.of(Objects.requireNonNull(Reference.class.getResource("/" + name), name)
                    .toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The GGUF file of a folder. */
    static Path gguf(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(f -> f.toString().endsWith(".gguf")).findFirst().orElseThrow();
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
