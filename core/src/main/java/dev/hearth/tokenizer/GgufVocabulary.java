package dev.hearth.tokenizer;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The tokenizer in the metadata of a GGUF file, keys {@code tokenizer.ggml.*}.
 *
 * @param model {@code model}: {@code gpt2}, {@code llama}, {@code bert}, {@code t5}, {@code rwkv} and so on
 * @param pre {@code pre}: how text is cut, for {@code gpt2}
 * @param tokens {@code tokens}, by id
 * @param scores {@code scores}, by id; empty if absent
 * @param types {@code token_type}, by id; empty if absent: all are normal
 * @param merges {@code merges}, each two tokens with a space between
 * @param bos {@code bos_token_id}
 * @param eos {@code eos_token_id}
 * @param unknown {@code unknown_token_id}
 * @param separator {@code seperator_token_id}, so spelled
 * @param options what else may be there
 */
public record GgufVocabulary(
        String model,
        Optional<String> pre,
        List<String> tokens,
        List<Float> scores,
        List<Integer> types,
        List<String> merges,
        OptionalInt bos,
        OptionalInt eos,
        OptionalInt unknown,
        OptionalInt separator,
        Options options) {
    /** Copies the lists. */
    public GgufVocabulary {
        tokens = List.copyOf(tokens);
        scores = List.copyOf(scores);
        types = List.copyOf(types);
        merges = List.copyOf(merges);
    }

    /**
     * Flags that a file may leave out; then what the kind of tokenizer usually does holds.
     *
     * @param addBos {@code add_bos_token}
     * @param addEos {@code add_eos_token}
     * @param addSeparator {@code add_sep_token}
     * @param addSpacePrefix {@code add_space_prefix}
     * @param normalization what is done to a text first
     */
    public record Options(
            Optional<Boolean> addBos,
            Optional<Boolean> addEos,
            Optional<Boolean> addSeparator,
            Optional<Boolean> addSpacePrefix,
            Normalization normalization) {
        /** A file that says nothing. */
        public static final Options UNSAID = new Options(
                Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Normalization.UNSAID);
    }

    /**
     * What is done to a text first.
     *
     * @param removeExtraSpaces {@code remove_extra_whitespaces}
     * @param lowercase {@code normalizer.lowercase}
     * @param stripAccents {@code normalizer.strip_accents}
     * @param charsmap {@code precompiled_charsmap}: bytes; empty if absent
     */
    public record Normalization(
            Optional<Boolean> removeExtraSpaces,
            Optional<Boolean> lowercase,
            Optional<Boolean> stripAccents,
            List<Byte> charsmap) {
        /** A file that says nothing. */
        public static final Normalization UNSAID =
                new Normalization(Optional.empty(), Optional.empty(), Optional.empty(), List.of());

        /** Copies the list. */
        public Normalization {
            charsmap = List.copyOf(charsmap);
        }
    }

    /** The type of a token, as in {@code token_type}. */
    int typeOf(int id) {
        return types.isEmpty() ? 1 : types.get(id);
    }

    float scoreOf(int id) {
        return scores.isEmpty() ? 0 : scores.get(id);
    }
}
