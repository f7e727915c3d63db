package dev.hearth.cli;

import dev.hearth.format.Loading;
import dev.hearth.model.ModelSource;
import dev.hearth.tinymodel.TinyModel;
import dev.hearth.tokenizer.Tokenizer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A tokenizer from a model, or from a tokenizer.json or another tokenizer file of its own. */
final class TextSource {
    private TextSource() {}

    static Tokenizer tokenizer(@Nullable Path model) {
        if (model != null && Files.isRegularFile(model) && !model.toString().endsWith(".gguf")) {
            return Tokenizer.load(model);
        }
        try (ModelSource source = ModelSource.open(model == null ? TinyModel.folder() : model, Loading.MAPPED)) {
            return source.tokenizer();
        }
    }
}
