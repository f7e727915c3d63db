package dev.hearth.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.BareModel;
import dev.hearth.Completion;
import dev.hearth.Engine;
import dev.hearth.EngineBuilder;
import dev.hearth.Prefixes;
import dev.hearth.Request;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Prefixes of models whose layers have a state of fixed size: the answers are those of prompts computed from their beginning. */
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class KeptStatesTest {
    private static final int VOCABULARY = 40; // tokens that each of the models has

    private static EngineBuilder builder(String model) {
        return Engine.builder(Reference.resource("oracles/" + model)).threads(1).contextLength(128);
    }

    /** A prompt that begins like every other for {@code alike} tokens. */
    private static Request.Builder request(int alike, int kind, int length) {
        int[] ids = new int[length];
        for (int i = 0; i < length; i++) {
            ids[i] = (i < alike ? i * 7 : i * 11 + kind * 5 + 3) % VOCABULARY;
        }
        return Request.tokens(ids).maxTokens(14).ignoreEos().temperature(0);
    }

    private static List<Request> requests() {
        List<Request> requests = new ArrayList<>();
        for (int kind = 0; kind < 4; kind++) {
            for (int alike : new int[] {100, 45, 70}) {
                requests.add(request(alike, kind, 70 + 13 * kind).build());
            }
        }
        return requests;
    }

    private static List<List<Integer>> answers(Engine engine) {
        return requests().stream().map(r -> engine.complete(r).ids()).toList();
    }

    private static List<List<Integer>> freshAnswers(String model) {
        try (Engine engine = builder(model).withoutPrefixCache().load()) {
            return answers(engine);
        }
    }

    /** The budget of an engine that isn't told one. */
    private static long ampleBytes(String model) {
        try (BareModel bare = builder(model).loadBare()) {
            return bare.memory().cacheBytes();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "mamba_odd",
                "mamba2_odd",
                "falcon_mamba_odd",
                "rwkv",
                "jamba_odd",
                "bamba",
                "falcon_h1_odd",
                "nemotron_h_odd",
                "granitemoehybrid_odd",
                "lfm2_odd",
                "lfm2_moe_odd",
                "qwen3_next_odd",
                "qwen3_5_text"
            })
    void answers_areThoseOfPromptsComputedAnew(String model) {
        List<List<Integer>> expected = freshAnswers(model);
        try (Engine engine = builder(model).load()) {
            assertThat(answers(engine)).isEqualTo(expected);
            assertThat(engine.stats().cachedTokens()).isPositive();
            long before = engine.stats().cachedTokens();
            assertThat(answers(engine)).as("again").isEqualTo(expected);
            assertThat(engine.stats().cachedTokens() - before)
                    .as("all but what is left of the last page")
                    .isEqualTo(3 * (64 + 64 + 64 + 96));
            assertThat(engine.stats().usedPages()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"mamba2_odd", "falcon_h1_odd", "lfm2_odd", "qwen3_next_odd"})
    void answers_areTheSameWherePagesAndSlotsRunShort(String model) {
        List<List<Integer>> expected = freshAnswers(model);
        long budget = ampleBytes(model) / 4;
        try (Engine engine = builder(model).cacheBytes(budget).stepTokens(48).load()) {
            List<CompletableFuture<Completion>> running = new ArrayList<>();
            for (int round = 0; round < 3; round++) {
                requests().forEach(r -> running.add(engine.submit(r)));
            }
            for (int i = 0; i < running.size(); i++) {
                assertThat(running.get(i).join().ids()).isEqualTo(expected.get(i % expected.size()));
            }
            assertThat(engine.stats().cachedTokens()).isPositive();
            assertThat(engine.stats().usedPages()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"mamba2_odd", "jamba_odd"})
    void file_bringsStatesToAnotherEngine(String model, @TempDir Path folder) throws IOException {
        Path file = folder.resolve("prefixes");
        Request request = request(100, 0, 100).build();
        List<Integer> expected;
        int kept;
        try (Engine engine = builder(model).load()) {
            expected = engine.complete(request).ids();
            kept = engine.prefixes().save(file);
        }
        try (Engine engine = builder(model).load()) {
            assertThat(engine.prefixes().load(file)).isEqualTo(kept).isEqualTo(96);
            Completion found = engine.complete(request);
            assertThat(found.ids()).isEqualTo(expected);
            assertThat(found.usage().cachedTokens()).isEqualTo(96);
        }
    }

    @Test
    void pin_keepsItsStateAndLeavesOneForASequence() {
        long slot = ampleBytes("mamba2_odd") / (8 * 5);
        try (Engine engine = builder("mamba2_odd").cacheBytes(slot * 2).load()) {
            Prefixes.Pin pin = engine.prefixes().pin(request(100, 0, 97).build());
            assertThat(pin.tokens()).isEqualTo(96);
            answers(engine);
            assertThat(engine.complete(request(100, 0, 100).build()).usage().cachedTokens())
                    .isEqualTo(96);
            Prefixes.Pin second = engine.prefixes().pin(request(0, 1, 97).build());
            assertThat(second.tokens()).as("the other slot is the sequence's").isZero();
            pin.close();
            answers(engine);
        }
    }
}
