package dev.hearth.tokenizer;

import dev.hearth.format.Fields;
import dev.hearth.format.Json;
import dev.hearth.format.ModelFormatException;
import dev.hearth.tokenizer.AddedToken.Trait;
import dev.hearth.tokenizer.PostProcessor.IdList;
import dev.hearth.tokenizer.SplitBehaviour.Stretch;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** Mistral's {@code tekken.json}: special tokens first, then byte strings with ranks, of which only the first count. */
final class TekkenFile {
    /** Those of files that name none. */
    private static final List<String> USUAL = List.of(
            "<unk>",
            "<s>",
            "</s>",
            "[INST]",
            "[/INST]",
            "[AVAILABLE_TOOLS]",
            "[/AVAILABLE_TOOLS]",
            "[TOOL_RESULTS]",
            "[/TOOL_RESULTS]",
            "[TOOL_CALLS]",
            "[IMG]",
            "<pad>",
            "[IMG_BREAK]",
            "[IMG_END]",
            "[PREFIX]",
            "[MIDDLE]",
            "[SUFFIX]",
            "[SYSTEM_PROMPT]",
            "[/SYSTEM_PROMPT]",
            "[TOOL_CONTENT]");

    private TekkenFile() {}

    static boolean matches(Fields file) {
        return file.has("config") && file.get("vocab").orElse(Json.Null.NULL) instanceof Json.Arr;
    }

    /** @throws ModelFormatException if it is broken */
    static Tokenizer read(Fields file) {
        Fields config = file.fields("config")
                .orElseThrow(() -> new ModelFormatException(file.at("config"), "expected an object, found nothing"));
        int specials = Vocabulary.checked(
                config.at("default_num_special_tokens"), config.requiredInteger("default_num_special_tokens"));
        int size = Vocabulary.checked(config.at("default_vocab_size"), config.requiredInteger("default_vocab_size"));
        if (specials > size) {
            throw new ModelFormatException(
                    config.at("default_num_special_tokens"), "expected up to " + size + ", found " + specials);
        }
        Bpe model = ranks(file, size - specials).model(specials);
        AddedTokens added = new AddedTokens(List.copyOf(specials(file, specials).values()), Optional.empty());
        OptionalInt bos = id(added, "<s>");
        String pattern = Components.required(config, "pattern");
        var pipeline = new Pipeline(
                Optional.empty(),
                new PreTokenizer.Split(
                        TextPattern.regex(config.at("pattern"), pattern), SplitBehaviour.ISOLATED, Stretch.MATCH),
                model.withholding(added.control()),
                PostProcessor.around(
                        bos.isPresent() ? IdList.of(bos.getAsInt()) : IdList.of(), IdList.of(), IdList.of(), 0),
                new Decoder.Bytes(Decoder.Bytes.Spelling.ALPHABET));
        return new Tokenizer(pipeline, added, new SpecialIds(bos, id(added, "</s>")));
    }

    private static RankedBytes ranks(Fields file, int count) {
        RankedBytes ranks = new RankedBytes(file.at("vocab"));
        List<Json> entries = file.array("vocab").orElse(List.of());
        for (int i = 0; i < Math.min(count, entries.size()); i++) {
            Fields entry = Fields.of(file.at("vocab") + "[" + i + "]", entries.get(i));
            int rank = entry.requiredInteger("rank");
            if (rank != i) {
                throw new ModelFormatException(entry.at("rank"), "expected " + i + ", found " + rank);
            }
            ranks.add(entry.place(), Components.required(entry, "token_bytes"), rank);
        }
        return ranks;
    }

    /** Ids that the file doesn't name have a token all the same, {@code <SPECIAL_20>}. */
    private static Map<Integer, AddedToken> specials(Fields file, int count) {
        Map<Integer, AddedToken> tokens = new HashMap<>();
        for (int id = 0; id < count; id++) {
            boolean named = id < USUAL.size() && !file.has("special_tokens");
            String content = named ? USUAL.get(id) : "<SPECIAL_" + id + ">";
            tokens.put(id, new AddedToken(id, content, EnumSet.of(Trait.SPECIAL)));
        }
        List<Json> entries = file.array("special_tokens").orElse(List.of());
        for (int i = 0; i < entries.size(); i++) {
            Fields entry = Fields.of(file.at("special_tokens") + "[" + i + "]", entries.get(i));
            int id = entry.requiredInteger("rank");
            String content = Components.required(entry, "token_str");
            if (id < 0 || id >= count || content.isEmpty() || content.length() > AddedToken.MAX_LENGTH) {
                throw new ModelFormatException(
                        entry.place(),
                        "expected a rank below " + count + " and up to " + AddedToken.MAX_LENGTH + " chars, found " + id
                                + " and " + content.length());
            }
            boolean control = entry.flag("is_control", true);
            var traits = control ? EnumSet.of(Trait.SPECIAL) : EnumSet.noneOf(Trait.class);
            tokens.put(id, new AddedToken(id, content, traits));
        }
        return tokens;
    }

    private static OptionalInt id(AddedTokens added, String content) {
        Integer id = added.find(content);
        return id == null ? OptionalInt.empty() : OptionalInt.of(id);
    }
}
