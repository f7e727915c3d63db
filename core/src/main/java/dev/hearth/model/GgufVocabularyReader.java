package dev.hearth.model;

import dev.hearth.format.GgufMetadata;
import dev.hearth.tokenizer.GgufVocabulary;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Takes the vocabulary out of a GGUF file's metadata. */
final class GgufVocabularyReader {
    private static final String PREFIX = "tokenizer.ggml.";

    private GgufVocabularyReader() {}

    /** The vocabulary. @throws dev.hearth.format.ModelFormatException if a key is missing or of another kind */
    static GgufVocabulary read(GgufMetadata m) {
        List<String> tokens = m.strings(PREFIX + "tokens")
                .orElseThrow(() -> new dev.hearth.format.ModelFormatException(
                        m.at(PREFIX + "tokens"), "expected an array of strings, found nothing"));
        List<Float> scores = new ArrayList<>();
        for (float score : m.floats(PREFIX + "scores").orElse(new float[0])) {
            scores.add(score);
        }
        return new GgufVocabulary(
                m.requiredString(PREFIX + "model"),
                m.string(PREFIX + "pre"),
                tokens,
                scores,
                Arrays.stream(m.integers(PREFIX + "token_type")).boxed().toList(),
                m.strings(PREFIX + "merges").orElse(List.of()),
                m.integer(PREFIX + "bos_token_id"),
                m.integer(PREFIX + "eos_token_id"),
                m.integer(PREFIX + "unknown_token_id"),
                m.integer(PREFIX + "seperator_token_id"),
                new GgufVocabulary.Options(
                        flag(m, "add_bos_token"),
                        flag(m, "add_eos_token"),
                        flag(m, "add_sep_token"),
                        flag(m, "add_space_prefix"),
                        normalization(m)));
    }

    private static GgufVocabulary.Normalization normalization(GgufMetadata m) {
        List<Byte> charsmap = new ArrayList<>();
        for (int b : m.integers(PREFIX + "precompiled_charsmap")) {
            charsmap.add((byte) b);
        }
        return new GgufVocabulary.Normalization(
                flag(m, "remove_extra_whitespaces"),
                flag(m, "normalizer.lowercase"),
                flag(m, "normalizer.strip_accents"),
                charsmap);
    }

    private static Optional<Boolean> flag(GgufMetadata m, String key) {
        return m.has(PREFIX + key) ? Optional.of(m.flag(PREFIX + key, false)) : Optional.empty();
    }
}
