package dev.hearth.model;

import dev.hearth.embedding.DenseModule;
import dev.hearth.embedding.DenseModule.Function;
import dev.hearth.embedding.EmbeddingConfig;
import dev.hearth.embedding.EmbeddingConfig.Scaling;
import dev.hearth.embedding.Pooling;
import dev.hearth.format.Gguf;
import dev.hearth.format.ModelFormatException;
import dev.hearth.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What a GGUF file says of embeddings: llama.cpp's pooling type, and the products behind it. */
final class GgufEmbedding {
    private static final List<String> DENSES = List.of("dense_2", "dense_3");
    private static final int LARGEST = 1 << 20;

    private GgufEmbedding() {}

    /** How the model embeds, empty if the file doesn't say. */
    static Optional<EmbeddingConfig> read(Gguf file) {
        GgufKeys keys = GgufKeys.of(file);
        Optional<Pooling> pooling = switch (keys.integer("pooling_type", 0)) {
            case 1 -> Optional.of(Pooling.MEAN);
            case 2 -> Optional.of(Pooling.CLS);
            case 3 -> Optional.of(Pooling.LAST);
            default -> Optional.empty();
        };
        return pooling.map(p -> EmbeddingConfig.of(p, Scaling.UNIT).withDenses(denses(file)));
    }

    private static List<DenseModule> denses(Gguf file) {
        List<DenseModule> denses = new ArrayList<>();
        for (String name : DENSES) {
            if (file.entry(name + ".weight").isPresent()) {
                Shape shape = file.entry(name + ".weight").get().shape();
                if (shape.rank() != 2 || !isSize(shape.width()) || !isSize(shape.rows())) {
                    throw new ModelFormatException(
                            file.place() + ": " + name,
                            "expected a matrix of 1 to " + LARGEST + " rows and columns, found " + shape);
                }
                denses.add(new DenseModule(
                        Optional.empty(), name, (int) shape.width(), (int) shape.rows(), Function.IDENTITY));
            }
        }
        return denses;
    }

    private static boolean isSize(long size) {
        return size >= 1 && size <= LARGEST;
    }

    /** The labels of a model that labels texts. */
    static LabelConfig labels(Gguf file) {
        GgufKeys keys = GgufKeys.of(file);
        return new LabelConfig(
                file.metadata()
                        .strings(keys.prefix() + "classifier.output_labels")
                        .orElse(List.of()),
                Optional.empty());
    }
}
