package dev.hearth.model;

import dev.hearth.format.Fields;
import dev.hearth.format.GgufMetadata;
import dev.hearth.format.Json;
import dev.hearth.format.ModelFormatException;
import dev.hearth.sample.Mirostat;
import dev.hearth.sample.SamplingParams;
import dev.hearth.sample.Word;
import dev.hearth.sample.Xtc;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** The sampling that a model's makers chose. */
final class SamplingDefaults {
    private static final String GGUF_PREFIX = "general.sampling.";

    private SamplingDefaults() {}

    /** What generation_config.json says, as Hugging Face's generate reads it: greedy unless {@code do_sample}. */
    static SamplingParams of(Fields g, Set<Integer> endTokens) {
        SamplingParams.Builder params = SamplingParams.builder()
                .repetitionPenalty(g.number("repetition_penalty").orElse(1))
                .noRepeatNgramSize(g.integer("no_repeat_ngram_size").orElse(0))
                .bannedWords(bannedWords(g, endTokens))
                .bannedTokens(
                        Arrays.stream(g.integers("suppress_tokens")).boxed().collect(Collectors.toUnmodifiableSet()))
                .minTokens(g.integer("min_new_tokens").orElse(0));
        if (!g.flag("do_sample", false)) {
            return built(g.place(), params.temperature(0)::build);
        }
        params.temperature(g.number("temperature").orElse(1))
                .topH(g.number("top_h").orElse(1))
                .topK(g.integer("top_k").orElse(50))
                .topP(g.number("top_p").orElse(1))
                .minP(g.number("min_p").orElse(0))
                .typicalP(Math.min(1, g.number("typical_p").orElse(1)))
                .epsilonCutoff(cutoff(g, "epsilon_cutoff"))
                .etaCutoff(cutoff(g, "eta_cutoff"));
        return built(g.place(), params::build);
    }

    /** Whatever isn't between 0 and 1 means none. */
    private static double cutoff(Fields g, String name) {
        double value = g.number(name).orElse(0);
        return value > 0 && value < 1 ? value : 0;
    }

    /** An end token by itself is none of them. */
    private static List<Word> bannedWords(Fields g, Set<Integer> endTokens) {
        List<Word> words = new ArrayList<>();
        for (Json word : g.array("bad_words_ids").orElse(List.of())) {
            if (!(word instanceof Json.Arr)) {
                throw g.wrong("bad_words_ids", "arrays of token ids", word);
            }
            int[] ids = Fields.of(g.at("bad_words_ids"), new Json.Obj(Map.of("word", word)))
                    .integers("word");
            if (ids.length != 1 || !endTokens.contains(ids[0])) {
                words.add(built(g.place(), () -> Word.of(ids)));
            }
        }
        return words;
    }

    /** What a GGUF file says in {@code general.sampling}, but for the order of steps; greedy if it says nothing. */
    static SamplingParams of(String place, GgufMetadata g) {
        if (g.keys().stream().noneMatch(key -> key.startsWith(GGUF_PREFIX))) {
            return SamplingParams.greedy();
        }
        SamplingParams.Builder params = SamplingParams.builder().temperature(number(g, "temp", 1));
        int window = (int) number(g, "penalty_last_n", -1);
        if (window != 0) {
            params.penaltyWindow(Math.max(0, window)).repetitionPenalty(number(g, "penalty_repeat", 1));
        }
        double exclusion = number(g, "xtc_probability", 0);
        if (exclusion > 0) {
            params.xtc(built(place, () -> new Xtc(exclusion, number(g, "xtc_threshold", 0.1))));
        }
        params.topK(Math.max(0, (int) number(g, "top_k", 0)))
                .topP(number(g, "top_p", 1))
                .minP(number(g, "min_p", 0));
        switch ((int) number(g, "mirostat", 0)) { // last: instead of all truncations, as in llama.cpp
            case 0 -> {}
            case 1 -> params.mirostat(mirostat(place, g, Mirostat.Version.V1));
            case 2 -> params.mirostat(mirostat(place, g, Mirostat.Version.V2));
            default ->
                throw new ModelFormatException(
                        place, GGUF_PREFIX + "mirostat: expected 0, 1 or 2, found " + number(g, "mirostat", 0));
        }
        return built(place, params::build);
    }

    private static Mirostat mirostat(String place, GgufMetadata g, Mirostat.Version version) {
        return built(place, () -> new Mirostat(version, number(g, "mirostat_tau", 5), number(g, "mirostat_eta", 0.1)));
    }

    private static double number(GgufMetadata g, String name, double otherwise) {
        return g.number(GGUF_PREFIX + name).orElse(otherwise);
    }

    private static <T> T built(String place, Supplier<T> maker) {
        try {
            return maker.get();
        } catch (IllegalArgumentException e) {
            throw new ModelFormatException(place, String.valueOf(e.getMessage()), e);
        }
    }
}
