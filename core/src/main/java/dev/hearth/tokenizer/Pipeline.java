package dev.hearth.tokenizer;

import java.util.Optional;

/** What a text goes through, apart from added tokens. Immutable, thread-safe. */
record Pipeline(
        Optional<Normalizer> normalizer,
        PreTokenizer preTokenizer,
        Model model,
        PostProcessor postProcessor,
        Decoder decoder) {
    Pipeline with(Model other) {
        return new Pipeline(normalizer, preTokenizer, other, postProcessor, decoder);
    }
}
