package dev.hearth.tokenizer;

import dev.hearth.format.Fields;
import dev.hearth.format.Json;
import dev.hearth.format.ModelFormatException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** Puts a tokenizer together from {@code tokenizer.json} and {@code tokenizer_config.json}. */
final class TokenizerJson {
    private TokenizerJson() {}

    static Tokenizer read(Fields file, Optional<Fields> config) {
        Fields modelFields = file.fields("model")
                .orElseThrow(() -> new ModelFormatException(file.at("model"), "expected a model, found nothing"));
        List<PreTokenizer> steps = new ArrayList<>(
                file.fields("pre_tokenizer").map(PreTokenizerJson::read).orElse(List.of()));
        boolean bytes =
                !steps.isEmpty() && steps.getLast() instanceof PreTokenizer.Bytes && ModelJson.takesBytes(modelFields);
        if (bytes) {
            steps.removeLast(); // the model takes the bytes of each piece itself
        }
        Model model = ModelJson.read(modelFields, bytes ? ModelJson.Input.BYTES : ModelJson.Input.TEXT);
        Optional<Normalizer> normalizer = file.fields("normalizer").map(NormalizerJson::read);
        AddedTokens added = new AddedTokens(addedTokens(file, model.vocabulary()), normalizer);
        var pipeline = new Pipeline(
                normalizer,
                new PreTokenizer.Sequence(List.copyOf(steps)),
                model.withholding(added.control()),
                file.fields("post_processor").map(PostProcessorJson::read).orElse(PostProcessor.NONE),
                file.fields("decoder").map(DecoderJson::read).orElse(new Decoder.Spaced()));
        return new Tokenizer(
                pipeline,
                added,
                new SpecialIds(special(config, "bos_token", added, model), special(config, "eos_token", added, model)));
    }

    private static OptionalInt special(Optional<Fields> config, String name, AddedTokens added, Model model) {
        return new TokenizerConfig(config).special(name, added, model.vocabulary(), OptionalInt.empty());
    }

    /**
     * Ids as Rust's tokenizers give them: that of the vocabulary if the token is there, else the next free one; {@code id} in
     * the file is a comment.
     */
    private static List<AddedToken> addedTokens(Fields file, Vocabulary vocabulary) {
        List<Json> list = file.array("added_tokens").orElse(List.of());
        List<AddedToken> tokens = new ArrayList<>();
        Map<String, Integer> known = new HashMap<>();
        int next = vocabulary.count();
        for (int i = 0; i < list.size(); i++) {
            Fields fields = Fields.of(file.at("added_tokens") + "[" + i + "]", list.get(i));
            String content = Components.required(fields, "content");
            Vocabulary.checked(fields.at("id"), fields.integer("id").orElse(0));
            if (content.length() > AddedToken.MAX_LENGTH) {
                throw new ModelFormatException(
                        fields.at("content"),
                        "expected up to " + AddedToken.MAX_LENGTH + " chars, found " + content.length());
            }
            if (content.isEmpty()) {
                continue;
            }
            Integer id = known.get(content);
            if (id == null) {
                int inVocabulary = vocabulary.find(content);
                id = inVocabulary >= 0 ? inVocabulary : next++;
            }
            known.put(content, Vocabulary.checked(fields.place(), id));
            tokens.add(new AddedToken(id, content, TokenizerConfig.traits(fields)));
        }
        return tokens;
    }
}
