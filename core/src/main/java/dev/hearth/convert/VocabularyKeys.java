package dev.hearth.convert;

import dev.hearth.format.Fields;
import dev.hearth.format.GgufValues;
import dev.hearth.format.ModelFolder;
import dev.hearth.format.ModelFormatException;
import dev.hearth.model.HuggingFaceConfig;
import dev.hearth.tokenizer.GgufVocabulary;
import dev.hearth.tokenizer.GgufVocabularyJson;
import dev.hearth.tokenizer.Tokenizer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;

/** The tokenizer and chat template of a folder as a GGUF file's metadata. */
final class VocabularyKeys {
    private static final String PREFIX = "tokenizer.ggml.";
    private static final String SAMPLE = "Hello, world! It's 12:45,  naïve – 東京 \uD83D\uDE00\n\n\tdone.";

    private final ModelFolder folder;
    private final int size;
    private final List<String> notes;

    VocabularyKeys(ModelFolder folder, int size, List<String> notes) {
        this.folder = folder;
        this.size = size;
        this.notes = notes;
    }

    /** @throws ModelFormatException if the folder has a tokenizer that no GGUF file can say */
    void write(GgufValues values) {
        Optional<Path> file = folder.tokenizer();
        if (file.isEmpty()) {
            values.string(PREFIX + "model", "none");
            notes.add("the folder has no tokenizer, nor has the file");
            return;
        }
        if (!file.get().endsWith("tokenizer.json")) {
            throw new ModelFormatException(
                    folder.place(),
                    "expected a tokenizer.json, found only " + file.get().getFileName());
        }
        Fields json = Fields.read(file.get());
        Fields model = HuggingFaceConfig.text(folder.config());
        GgufVocabulary vocabulary = GgufVocabularyJson.read(json, folder.tokenizerConfig(), model, size);
        write(vocabulary, values);
        endTokens(vocabulary, values);
        folder.chatTemplate().ifPresent(template -> values.string("tokenizer.chat_template", template));
        compare(Tokenizer.fromJson(json, folder.tokenizerConfig()), Tokenizer.fromGguf(vocabulary));
    }

    private static void write(GgufVocabulary v, GgufValues values) {
        values.string(PREFIX + "model", v.model());
        v.pre().ifPresent(pre -> values.string(PREFIX + "pre", pre));
        values.strings(PREFIX + "tokens", v.tokens());
        if (!v.scores().isEmpty()) {
            values.float32s(PREFIX + "scores", v.scores());
        }
        values.int32s(PREFIX + "token_type", v.types());
        if (!v.merges().isEmpty()) {
            values.strings(PREFIX + "merges", v.merges());
        }
        id(values, "bos_token_id", v.bos());
        id(values, "eos_token_id", v.eos());
        id(values, "unknown_token_id", v.unknown());
        flag(values, "add_bos_token", v.options().addBos());
        flag(values, "add_eos_token", v.options().addEos());
        flag(values, "add_space_prefix", v.options().addSpacePrefix());
    }

    /** Of the tokens that end a turn GGUF has room for two beside the one that ends a text. */
    private void endTokens(GgufVocabulary vocabulary, GgufValues values) {
        Set<Integer> ends = new TreeSet<>();
        for (int id :
                folder.generationConfig().map(g -> g.integers("eos_token_id")).orElse(new int[0])) {
            ends.add(id);
        }
        vocabulary.eos().ifPresent(ends::remove);
        List<String> keys = List.of("eot_token_id", "eom_token_id");
        int at = 0;
        for (int id : ends) {
            if (at < keys.size() && id >= 0 && id < size) {
                values.uint32(PREFIX + keys.get(at++), id);
            } else {
                notes.add("token " + id + " ends a turn, which the file doesn't say");
            }
        }
    }

    private void compare(Tokenizer expected, Tokenizer found) {
        if (!java.util.Arrays.equals(expected.encode(SAMPLE), found.encode(SAMPLE))) {
            notes.add("the file's tokenizer splits some texts in another way than tokenizer.json");
        }
    }

    private static void id(GgufValues values, String key, OptionalInt id) {
        if (id.isPresent()) {
            values.uint32(PREFIX + key, id.getAsInt());
        }
    }

    private static void flag(GgufValues values, String key, Optional<Boolean> flag) {
        flag.ifPresent(f -> values.flag(PREFIX + key, f));
    }
}
