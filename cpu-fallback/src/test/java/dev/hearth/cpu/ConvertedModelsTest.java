package dev.hearth.cpu;

import dev.hearth.conformance.HearthModel;
import dev.hearth.conformance.ModelConformance;
import dev.hearth.conformance.OracleFiles;
import dev.hearth.conformance.TokenModel;
import dev.hearth.convert.HuggingFaceModel;
import dev.hearth.format.ModelFormatException;
import dev.hearth.quantize.FileType;
import dev.hearth.quantize.ModelDraft;
import dev.hearth.quantize.ModelWriter;
import dev.hearth.spi.Backend;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;

/** Models of the Hugging Face layout, converted to GGUF files, have the logits that they had. */
final class ConvertedModelsTest implements ModelConformance {
    @TempDir
    private Path folder = Path.of("");

    @Override
    public Backend open(int threads) {
        return new CpuBackend(KernelChoice.of(CpuKernels.sources(), "scalar"), threads);
    }

    @Override
    public List<Integer> threadCounts() {
        return List.of(1);
    }

    @Override
    public List<Path> folders() {
        return Reference.folders().stream()
                .filter(ConvertedModelsTest::converts)
                .toList();
    }

    /** Whether it is a folder whose model GGUF can say; what it cannot is refused, see RefusedConversionsTest. */
    private static boolean converts(Path path) {
        if (!Files.exists(path.resolve("config.json"))) {
            return false;
        }
        try {
            HuggingFaceModel.draft(path).close();
            return true;
        } catch (ModelFormatException refused) {
            return false;
        }
    }

    @Override
    public TokenModel.Loader loader() {
        return (device, path, precision) -> {
            String place = path.toAbsolutePath().toString(); // two folders may have the same name
            Path file = folder.resolve(path.getFileName() + "-" + Integer.toHexString(place.hashCode()) + ".gguf");
            if (!Files.exists(file)) {
                try (ModelDraft draft = HuggingFaceModel.draft(path)) {
                    ModelWriter.to(file, FileType.F32).threads(1).write(draft);
                }
            }
            return HearthModel.load(device, file, precision);
        };
    }

    @Override
    public List<ModelCheck> checks(OracleFiles oracle) {
        return oracleChecks(oracle);
    }
}
