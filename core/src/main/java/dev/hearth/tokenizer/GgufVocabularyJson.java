package dev.hearth.tokenizer;

import dev.hearth.format.Fields;
import dev.hearth.format.Json;
import dev.hearth.format.ModelFormatException;
import dev.hearth.tokenizer.AddedToken.Trait;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** Says a {@code tokenizer.json} in the terms of a GGUF file: byte-level BPE is {@code gpt2}, SentencePiece's BPE {@code llama}. */
public final class GgufVocabularyJson {
    private static final float UNREACHED = -1_000_000; // below every rank of a merge
    private static final int NORMAL = 1;
    private static final int UNKNOWN = 2;
    private static final int CONTROL = 3;
    private static final int USER_DEFINED = 4;
    private static final int UNUSED = 5;
    private static final int BYTE = 6;

    private final Fields file;
    private final Fields merging;
    private final Tokenizer tokenizer;
    private final List<String> tokens;
    private final List<Integer> types;

    /** The tokens that begin and end a text. */
    private final SpecialIds special;

    private GgufVocabularyJson(Fields file, Optional<Fields> config, Fields model, int size) {
        this.file = file;
        this.merging = file.fields("model")
                .orElseThrow(() -> new ModelFormatException(file.at("model"), "expected a model, found nothing"));
        this.tokenizer = Tokenizer.fromJson(file, config);
        this.special = new SpecialIds(
                first(tokenizer.bosId(), model.integers("bos_token_id")),
                first(tokenizer.eosId(), model.integers("eos_token_id")));
        this.tokens = new ArrayList<>(Collections.nCopies(size, ""));
        this.types = new ArrayList<>(Collections.nCopies(size, UNUSED));
    }

    /**
     * The vocabulary of {@code size} tokens, those that the file doesn't have unused.
     *
     * @param config {@code tokenizer_config.json}
     * @param model {@code config.json}, which may name the first and last token where the others don't
     * @throws ModelFormatException if the file is broken, or llama.cpp has no tokenizer that cuts and joins as it says
     */
    public static GgufVocabulary read(Fields file, Optional<Fields> config, Fields model, int size) {
        return new GgufVocabularyJson(file, config, model, size).vocabulary();
    }

    private static OptionalInt first(OptionalInt id, int[] otherwise) {
        return id.isPresent() || otherwise.length == 0 ? id : OptionalInt.of(otherwise[0]);
    }

    private GgufVocabulary vocabulary() {
        if (!merging.string("type").orElse(merging.has("merges") ? "BPE" : "").equals("BPE")) {
            throw new ModelFormatException(
                    merging.at("type"),
                    "expected BPE, found " + merging.string("type").orElse("nothing")
                            + "; other tokenizers are not converted yet");
        }
        addTokens();
        boolean bytes = tokenizer.model() instanceof Bpe bpe && bpe.takesBytes();
        return bytes
                ? vocabulary("gpt2", GgufStyles.name(tokenizer, file), List.of(), merges(), Optional.empty())
                : vocabulary("llama", "default", scores(), List.of(), Optional.of(addsSpace()));
    }

    private GgufVocabulary vocabulary(
            String kind, String pre, List<Float> scores, List<String> merges, Optional<Boolean> addSpacePrefix) {
        OptionalInt unknown = merging.string("unk_token").map(tokenizer::idOf).orElse(OptionalInt.empty());
        if (kind.equals("llama") && unknown.isPresent()) {
            types.set(unknown.getAsInt(), UNKNOWN);
        }
        int[] around = tokenizer.encode("");
        boolean begins = around.length > 0 && special.bos().equals(OptionalInt.of(around[0]));
        boolean ends =
                around.length > (begins ? 1 : 0) && special.eos().equals(OptionalInt.of(around[around.length - 1]));
        return new GgufVocabulary(
                kind,
                Optional.of(pre),
                tokens,
                scores,
                types,
                merges,
                special.bos(),
                special.eos(),
                unknown,
                OptionalInt.empty(),
                new GgufVocabulary.Options(
                        Optional.of(begins),
                        Optional.of(ends),
                        Optional.empty(),
                        addSpacePrefix,
                        GgufVocabulary.Normalization.UNSAID));
    }

    private void addTokens() {
        for (int id = 0; id < tokens.size(); id++) {
            Optional<String> token = tokenizer.tokenOf(id);
            tokens.set(id, token.orElse("[PAD" + id + "]"));
            types.set(id, token.isEmpty() ? UNUSED : isByte(token.get()) ? BYTE : NORMAL);
        }
        for (AddedToken token : tokenizer.addedTokens()) {
            if (token.id() < tokens.size()) {
                boolean control = token.is(Trait.SPECIAL) || looksSpecial(token.content());
                tokens.set(
                        token.id(), control ? token.content() : token.content().replace('▁', ' '));
                types.set(token.id(), control ? CONTROL : USER_DEFINED);
            }
        }
    }

    private boolean isByte(String token) {
        return merging.flag("byte_fallback", false) && token.matches("<0x[0-9A-F]{2}>");
    }

    /** Files forget to say so of some; what looks like this is never meant as text. */
    private static boolean looksSpecial(String token) {
        return token.startsWith("<|") && token.endsWith("|>")
                || token.startsWith("<｜") && token.endsWith("｜>")
                || token.startsWith("<unused") && token.endsWith(">")
                || List.of("<pad>", "<mask>", "<2mass>", "[@BOS@]").contains(token);
    }

    private List<String> merges() {
        List<String> merges = new ArrayList<>();
        for (Json merge : merging.array("merges").orElse(List.of())) {
            merges.add(pair(merge)[0] + " " + pair(merge)[1]);
        }
        return merges;
    }

    private String[] pair(Json merge) {
        if (merge instanceof Json.Arr(var parts)
                && parts.size() == 2
                && parts.get(0) instanceof Json.Str(var left)
                && parts.get(1) instanceof Json.Str(var right)) {
            return new String[] {left, right};
        }
        if (merge instanceof Json.Str(var both) && both.indexOf(' ', 1) > 0) {
            return new String[] {both.substring(0, both.indexOf(' ', 1)), both.substring(both.indexOf(' ', 1) + 1)};
        }
        throw new ModelFormatException(merging.at("merges"), "expected two tokens, found " + merge.kind());
    }

    /** SentencePiece merges by scores of tokens: less the rank of the first merge that makes the token. */
    private List<Float> scores() {
        Map<String, Integer> ranks = new HashMap<>();
        int rank = 0;
        for (Json merge : merging.array("merges").orElse(List.of())) {
            ranks.putIfAbsent(pair(merge)[0] + pair(merge)[1], rank++);
        }
        List<Float> scores = new ArrayList<>();
        for (int id = 0; id < tokens.size(); id++) {
            Integer of = ranks.get(tokens.get(id));
            scores.add(types.get(id) != NORMAL ? 0 : of == null ? UNREACHED - id : -of.floatValue());
        }
        return scores;
    }

    /** Whether a text gets a space in front, found by trying. */
    private boolean addsSpace() {
        int[] ids = tokenizer.encodePlain("a");
        return ids.length > 0 && tokenizer.tokenOf(ids[0]).orElse("").startsWith("▁");
    }
}
