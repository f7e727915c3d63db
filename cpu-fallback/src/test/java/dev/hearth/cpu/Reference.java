package dev.hearth.cpu;

import dev.hearth.conformance.EncoderOracle;
import dev.hearth.conformance.OracleFiles;
import dev.hearth.format.ModelFolder;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** The models with reference logits that this version promises to run. */
final class Reference {
    private Reference() {}

    /** Folders with an oracle; of these, where the property {@code hearth.models} is set, those that it names, comma by comma. */
    static List<Path> folders() {
        List<Path> folders = allFolders();
        String only = System.getProperty("hearth.models", "");
        if (!only.isEmpty()) {
            List<String> names = List.of(only.split(",", -1));
            folders.removeIf(folder -> !names.contains(String.valueOf(folder.getFileName())));
        }
        return folders;
    }

    /** Folders with an oracle: those in test resources, and all that there are beside the checkout, of known families or not. */
    private static List<Path> allFolders() {
        String shared = System.getProperty("hearth.shared", "");
        List<Path> folders = new ArrayList<>(OracleFiles.find(resource("oracles")));
        if (!shared.isEmpty()) {
            folders.addAll(OracleFiles.find(Path.of(shared, "oracles")));
            folders.addAll(OracleFiles.find(Path.of(shared, "gguf")));
        }
        folders.addAll(OracleFiles.find(resource("gguf")));
        return folders;
    }

    /** Folders with an oracle of whole texts: those in test resources, and all that there are beside the checkout. */
    static List<Path> encoders() {
        String shared = System.getProperty("hearth.shared", "");
        List<Path> folders = new ArrayList<>(EncoderOracle.find(resource("encoders")));
        if (!shared.isEmpty()) {
            folders.addAll(EncoderOracle.find(Path.of(shared, "oracles")));
        }
        return folders;
    }

    /** The {@code model_type} of every folder that isn't a GGUF file's, and that of the text model in it. */
    static Set<String> modelTypes() {
        Set<String> types = new TreeSet<>();
        List<Path> folders = allFolders();
        folders.addAll(encoders());
        for (Path folder : folders) {
            if (Files.exists(folder.resolve("config.json"))) {
                types.add(modelType(folder));
                ModelFolder.open(folder)
                        .config()
                        .fields("text_config")
                        .flatMap(text -> text.string("model_type"))
                        .ifPresent(types::add);
            }
        }
        return types;
    }

    private static String modelType(Path folder) {
        return ModelFolder.open(folder).config().string("model_type").orElse("");
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
