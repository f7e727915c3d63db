package dev.hearth.convert;

import dev.hearth.format.Fields;
import dev.hearth.format.GgufValues;
import dev.hearth.format.Loading;
import dev.hearth.format.ModelFolder;
import dev.hearth.format.ModelFormatException;
import dev.hearth.model.Architectures;
import dev.hearth.model.GgufExport;
import dev.hearth.model.HuggingFaceConfig;
import dev.hearth.model.ModelConfig;
import dev.hearth.model.ModelSource;
import dev.hearth.quantize.BlockType;
import dev.hearth.quantize.DraftTensor;
import dev.hearth.quantize.FileType;
import dev.hearth.quantize.ModelDraft;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** A model of the Hugging Face layout as a GGUF file to be written, with llama.cpp's keys, names and order of elements. */
public final class HuggingFaceModel {
    private HuggingFaceModel() {}

    /**
     * The model in a folder, or of this name in a Hugging Face cache. Closing the draft unmaps its weights.
     *
     * @throws ModelFormatException if it is broken, of a family that isn't converted, or GGUF cannot say what its configuration
     *     does
     */
    public static ModelDraft draft(Path path) {
        ModelSource source = ModelSource.open(path, Loading.MAPPED);
        Arena memory = Arena.ofShared();
        try {
            return draft(source, memory);
        } catch (RuntimeException | Error e) {
            memory.close();
            source.close();
            throw e;
        }
    }

    private static ModelDraft draft(ModelSource source, Arena memory) {
        ModelFolder folder = source.folder()
                .orElseThrow(() -> new ModelFormatException(
                        source.place(), "expected a model folder, found a GGUF file, which needs no conversion"));
        ModelConfig config = source.config();
        if (config.bothWays()) {
            throw new ModelFormatException(
                    source.place(), "expected a decoder, found an encoder, which is not converted; use its GGUF file");
        }
        Architectures.Family family = Architectures.family(config.architecture());
        Fields file = HuggingFaceConfig.text(folder.config());
        GgufExport export =
                new GgufExport(family.ggufNames().stream().findFirst().orElse(family.name()), config, file);
        family.architecture().export(export, config);
        List<String> notes = new ArrayList<>();
        GgufValues values = new ConfigKeys(config, export).write(folder.place());
        List<DraftTensor> tensors = new ConvertedTensors(config, export, notes, memory).of(source.catalog());
        ReadBack.check(config, export, values, tensors);
        new VocabularyKeys(folder, config.vocabSize(), notes).write(values);
        return new ModelDraft(source.place(), facts(export, config), values, tensors, notes, () -> {
            memory.close();
            source.close();
        });
    }

    private static ModelDraft.Facts facts(GgufExport export, ModelConfig config) {
        return new ModelDraft.Facts(
                export.architecture(),
                config.layerCount(),
                config.headCount() / Math.max(1, config.kvHeadCount()),
                config.moe().map(ModelConfig.Moe::expertCount).orElse(0));
    }

    /** The type that loses nothing: that of most matrix elements of a draft. */
    public static FileType storedType(ModelDraft draft) {
        Map<BlockType, Long> elements = new EnumMap<>(BlockType.class);
        for (DraftTensor tensor : draft.tensors()) {
            BlockType.named(tensor.typeName())
                    .filter(t -> tensor.shape().rank() > 1)
                    .ifPresent(t -> elements.merge(t, tensor.shape().elements(), Long::sum));
        }
        FileType most = FileType.F32;
        for (FileType type : List.of(FileType.F16, FileType.BF16)) {
            boolean more = elements.getOrDefault(type.base(), 0L) > elements.getOrDefault(most.base(), 0L);
            most = more ? type : most;
        }
        return most;
    }
}
