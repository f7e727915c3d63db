package dev.hearth.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.hearth.format.Fields;
import dev.hearth.format.Gguf;
import dev.hearth.format.GgufFileWriter;
import dev.hearth.format.GgufValues;
import dev.hearth.format.Json;
import dev.hearth.format.ModelFormatException;
import dev.hearth.sample.Mirostat;
import dev.hearth.sample.SamplingParams;
import dev.hearth.sample.Word;
import dev.hearth.sample.Xtc;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SamplingDefaultsTest {
    private static SamplingParams of(String json) {
        Fields fields = Fields.of("generation_config.json", Json.parse("generation_config.json", json));
        return SamplingDefaults.of(fields, Set.of(2));
    }

    @Test
    void greedy_keepsWhatRulesOutAndPenalises() {
        assertThat(of("{\"top_k\": 5, \"typical_p\": 0.5}")).isEqualTo(SamplingParams.greedy());
        assertThat(of("""
                {"repetition_penalty": 1.5, "no_repeat_ngram_size": 3, "min_new_tokens": 4,
                 "bad_words_ids": [[2], [3], [2, 1]], "suppress_tokens": [7, 8]}"""))
                .isEqualTo(SamplingParams.greedy().toBuilder()
                        .repetitionPenalty(1.5)
                        .noRepeatNgramSize(3)
                        .minTokens(4)
                        .bannedWords(List.of(Word.of(3), Word.of(2, 1)))
                        .bannedTokens(Set.of(7, 8))
                        .build());
    }

    @Test
    void sampling_readsEveryTruncation() {
        assertThat(of("""
                {"do_sample": true, "temperature": 0.5, "top_k": 20, "top_p": 0.8, "min_p": 0.1, "typical_p": 0.9,
                 "top_h": 0.7, "epsilon_cutoff": 0.01, "eta_cutoff": 0.02}"""))
                .isEqualTo(SamplingParams.builder()
                        .temperature(0.5)
                        .topK(20)
                        .topP(0.8)
                        .minP(0.1)
                        .typicalP(0.9)
                        .topH(0.7)
                        .epsilonCutoff(0.01)
                        .etaCutoff(0.02)
                        .build());
    }

    @Test
    void sampling_hasHuggingFacesDefaults() {
        assertThat(of("{\"do_sample\": true, \"typical_p\": 1.0, \"epsilon_cutoff\": 0.0, \"eta_cutoff\": null}"))
                .isEqualTo(SamplingParams.builder().topK(50).build());
    }

    @Test
    void nonsense_isRefused() {
        for (String json : List.of(
                "{\"repetition_penalty\": -1}",
                "{\"bad_words_ids\": [3]}",
                "{\"bad_words_ids\": [[]]}",
                "{\"bad_words_ids\": [[-1]]}",
                "{\"do_sample\": true, \"top_p\": 3}")) {
            assertThatExceptionOfType(ModelFormatException.class)
                    .as(json)
                    .isThrownBy(() -> of(json))
                    .withMessageStartingWith("generation_config.json: ");
        }
    }

    private static SamplingParams of(GgufValues values) {
        byte[] bytes = GgufFileWriter.inMemory(values.string("general.architecture", "llama"), List.of(), List.of());
        try (Gguf file = Gguf.read("m.gguf", MemorySegment.ofArray(bytes))) {
            return SamplingDefaults.of("m.gguf", file.metadata());
        }
    }

    @Test
    void gguf_thatSaysNothingIsGreedy() {
        assertThat(of(new GgufValues())).isEqualTo(SamplingParams.greedy());
    }

    @Test
    void gguf_saysHowToSample() {
        GgufValues values = new GgufValues()
                .float32("general.sampling.temp", 0.5f)
                .uint32("general.sampling.top_k", 20)
                .float32("general.sampling.top_p", 0.75f)
                .float32("general.sampling.min_p", 0.125f)
                .float32("general.sampling.xtc_probability", 0.5f)
                .float32("general.sampling.xtc_threshold", 0.25f)
                .uint32("general.sampling.penalty_last_n", 64)
                .float32("general.sampling.penalty_repeat", 1.5f);
        assertThat(of(values))
                .isEqualTo(SamplingParams.builder()
                        .temperature(0.5)
                        .topK(20)
                        .topP(0.75)
                        .minP(0.125)
                        .xtc(new Xtc(0.5, 0.25))
                        .penaltyWindow(64)
                        .repetitionPenalty(1.5)
                        .build());
    }

    @Test
    void gguf_mirostatStandsInForTruncations() {
        GgufValues values = new GgufValues()
                .uint32("general.sampling.top_k", 20)
                .uint32("general.sampling.penalty_last_n", 0)
                .float32("general.sampling.penalty_repeat", 1.5f)
                .uint32("general.sampling.mirostat", 2)
                .float32("general.sampling.mirostat_tau", 4);
        assertThat(of(values))
                .isEqualTo(SamplingParams.builder()
                        .mirostat(new Mirostat(Mirostat.Version.V2, 4, 0.1))
                        .build());
        assertThatExceptionOfType(ModelFormatException.class)
                .isThrownBy(() -> of(new GgufValues().uint32("general.sampling.mirostat", 3)))
                .withMessageContaining("mirostat: expected 0, 1 or 2");
    }
}
