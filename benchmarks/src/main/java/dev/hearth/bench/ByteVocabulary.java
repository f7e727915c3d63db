package dev.hearth.bench;

import dev.hearth.format.GgufValues;
import java.util.ArrayList;
import java.util.List;

/** A byte-level vocabulary of any size that llama.cpp reads too: a token for each byte, one merge, an end of text, and tokens that no text has. */
final class ByteVocabulary {
    private static final int NORMAL = 1; // llama.h, llama_token_type
    private static final int CONTROL = 3;
    private static final int UNUSED = 5;

    private ByteVocabulary() {}

    /** Adds the keys of a vocabulary of so many tokens, at least 258. */
    static void write(GgufValues values, int size) {
        List<String> tokens = new ArrayList<>();
        List<Integer> types = new ArrayList<>();
        for (int value = 0; value < 256; value++) {
            tokens.add(Character.toString(character(value)));
            types.add(NORMAL);
        }
        tokens.add("th");
        types.add(NORMAL);
        int end = tokens.size();
        tokens.add("<|endoftext|>");
        types.add(CONTROL);
        for (int id = tokens.size(); id < size; id++) {
            tokens.add("[unused" + id + "]");
            types.add(UNUSED);
        }
        values.string("tokenizer.ggml.model", "gpt2")
                .string("tokenizer.ggml.pre", "qwen2")
                .strings("tokenizer.ggml.tokens", tokens)
                .int32s("tokenizer.ggml.token_type", types)
                .strings("tokenizer.ggml.merges", List.of("t h"))
                .uint32("tokenizer.ggml.bos_token_id", end)
                .uint32("tokenizer.ggml.eos_token_id", end)
                .flag("tokenizer.ggml.add_bos_token", false);
    }

    /** The character that GPT-2's vocabulary has for a byte: itself where it is visible Latin-1, else one of those from U+0100 on in turn. */
    private static int character(int value) {
        return isVisible(value)
                ? value
                : 0x100
                        + (int) java.util.stream.IntStream.range(0, value)
                                .filter(v -> !isVisible(v))
                                .count();
    }

    private static boolean isVisible(int value) {
        return value > ' ' && value <= '~' || value >= 0xa1 && value <= 0xff && value != 0xad;
    }
}
