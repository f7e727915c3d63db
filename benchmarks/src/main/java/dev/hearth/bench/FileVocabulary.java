package dev.hearth.bench;

import dev.hearth.format.Fields;
import dev.hearth.format.GgufValues;
import dev.hearth.format.Json;
import dev.hearth.tokenizer.GgufVocabulary;
import dev.hearth.tokenizer.GgufVocabularyJson;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** The byte-level vocabulary of a published model: takes as long to read as that model's own. */
record FileVocabulary(Path tokenizerJson) implements RandomModel.Vocabulary {
    @Override
    public void write(GgufValues values, int size) {
        Fields none = Fields.of("no configuration", new Json.Obj(Map.of()));
        GgufVocabulary v = GgufVocabularyJson.read(Fields.read(tokenizerJson), Optional.empty(), none, size);
        values.string("tokenizer.ggml.model", v.model())
                .string("tokenizer.ggml.pre", v.pre().orElseThrow())
                .strings("tokenizer.ggml.tokens", v.tokens())
                .int32s("tokenizer.ggml.token_type", v.types())
                .strings("tokenizer.ggml.merges", v.merges());
    }
}
