package dev.hearth.gpu;

import dev.hearth.conformance.ModelConformance;
import dev.hearth.conformance.OracleFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Whole models on a GPU: reference logits and tokens of all, for a few also the specification's bits, chunks and ragged steps. */
public interface GpuModels extends ModelConformance {
    /** Folders of models that ask for nothing that a GPU lacks, wherever they lie. */
    List<String> FOLDERS = List.of(
            "llama",
            "llama_linear",
            "mistral",
            "qwen2",
            "qwen3",
            "gemma2",
            "phi3",
            "smollm3",
            "llama-F32",
            "llama-F16",
            "llama-BF16",
            "llama-Q8_0",
            "qwen3-Q8_0");

    /** Those that get every check. */
    List<String> THOROUGHLY = List.of("llama", "llama-Q8_0");

    @Override
    default List<Path> folders() {
        List<Path> places = new ArrayList<>(List.of(Emulation.repository().resolve("cpu-fallback/src/test/resources")));
        String shared = System.getProperty("hearth.shared", "");
        if (!shared.isEmpty()) {
            places.add(Path.of(shared));
        }
        List<Path> found = new ArrayList<>();
        String only = System.getProperty("hearth.models", "");
        for (String name : only.isEmpty() ? FOLDERS : List.of(only.split(",", -1))) {
            places.stream()
                    .flatMap(place -> List.of(place.resolve("oracles/" + name), place.resolve("gguf/" + name)).stream())
                    .filter(folder -> Files.exists(folder.resolve("oracle.json")))
                    .findFirst()
                    .ifPresent(found::add);
        }
        return found;
    }

    @Override
    default List<Integer> threadCounts() {
        return List.of(1);
    }

    @Override
    default List<ModelCheck> checks(OracleFiles oracle) {
        return THOROUGHLY.contains(oracle.name()) ? ModelConformance.super.checks(oracle) : oracleChecks(oracle);
    }
}
