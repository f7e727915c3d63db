package dev.hearth.tokenizer;

import dev.hearth.format.Fields;
import dev.hearth.format.Json;
import dev.hearth.format.ModelFormatException;
import dev.hearth.tokenizer.AddedToken.Trait;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What {@code tokenizer_config.json} says beside a vocabulary that is no {@code tokenizer.json}.
 *
 * @param file empty if there is none
 */
record TokenizerConfig(Optional<Fields> file) {
    /** {@code tokenizer_class} without {@code Fast}, the empty string if absent. */
    String tokenizerClass() {
        String name = file.flatMap(f -> f.string("tokenizer_class")).orElse("");
        return name.endsWith("Fast") ? name.substring(0, name.length() - "Fast".length()) : name;
    }

    boolean flag(String name, boolean otherwise) {
        return file.map(f -> f.flag(name, otherwise)).orElse(otherwise);
    }

    /** {@code added_tokens_decoder}: tokens by id. */
    List<AddedToken> addedTokens() {
        Optional<Fields> tokens = file.flatMap(f -> f.fields("added_tokens_decoder"));
        List<AddedToken> added = new ArrayList<>();
        for (String key : tokens.map(t -> t.object().members()).orElse(Map.of()).keySet()) {
            Fields token = tokens.orElseThrow().fields(key).orElseThrow();
            if (!key.matches("[0-9]{1,9}")) {
                throw new ModelFormatException(token.place(), "expected an id, found \"" + key + "\"");
            }
            String content = Components.required(token, "content");
            if (content.length() > AddedToken.MAX_LENGTH) {
                throw new ModelFormatException(
                        token.at("content"),
                        "expected up to " + AddedToken.MAX_LENGTH + " chars, found " + content.length());
            }
            if (!content.isEmpty()) {
                int id = Vocabulary.checked(token.place(), Integer.parseInt(key));
                added.add(new AddedToken(id, content, traits(token)));
            }
        }
        return added;
    }

    /** Those that a token's flags name. */
    static EnumSet<Trait> traits(Fields token) {
        EnumSet<Trait> traits = EnumSet.noneOf(Trait.class);
        for (Trait trait : Trait.values()) {
            // A file that doesn't say normalises what isn't special, as Rust's tokenizers do.
            boolean otherwise = trait == Trait.NORMALIZED && !token.flag(Trait.SPECIAL.json, false);
            if (token.flag(trait.json, otherwise)) {
                traits.add(trait);
            }
        }
        return traits;
    }

    /** The id of a token that the file names as text, or as an object with its {@code content}. */
    OptionalInt special(String name, AddedTokens added, Vocabulary vocabulary, OptionalInt otherwise) {
        Optional<Json> value = file.flatMap(c -> c.get(name));
        if (value.isEmpty()) {
            return otherwise;
        }
        Fields fields = file.orElseThrow();
        String content = switch (value.get()) {
            case Json.Str text -> text.value();
            case Json.Obj object -> Components.required(new Fields(fields.at(name), object), "content");
            default -> throw fields.wrong(name, "a token", value.get());
        };
        Integer id = added.find(content);
        return id != null ? OptionalInt.of(id) : vocabulary.idOf(content);
    }
}
