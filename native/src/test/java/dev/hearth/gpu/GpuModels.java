package dev.hearth.gpu;

import dev.hearth.conformance.ModelConformance;
import dev.hearth.conformance.OracleFiles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Whole models on a GPU: reference logits and tokens of all, for a few also the specification's logits, chunks and ragged steps. */
public interface GpuModels extends ModelConformance, GpuExactness {
    /** Those that get every check. */
    List<String> THOROUGHLY = List.of("llama", "llama-Q8_0");

    /** All that the CPU's tests have, wherever they lie; of these, where the property {@code hearth.models} is set, those that it names. */
    @Override
    default List<Path> folders() {
        List<Path> places = new ArrayList<>(List.of(Emulation.repository().resolve("cpu-fallback/src/test/resources")));
        String shared = System.getProperty("hearth.shared", "");
        if (!shared.isEmpty()) {
            places.add(Path.of(shared));
        }
        List<String> only = List.of(System.getProperty("hearth.models", "").split(",", -1));
        return places.stream()
                .flatMap(place -> Stream.of(place.resolve("oracles"), place.resolve("gguf")))
                .flatMap(folder -> OracleFiles.find(folder).stream())
                .filter(folder -> only.contains("") || only.contains(String.valueOf(folder.getFileName())))
                .toList();
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
