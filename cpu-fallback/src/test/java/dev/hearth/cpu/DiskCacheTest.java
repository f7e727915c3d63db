package dev.hearth.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hearth.BareModel;
import dev.hearth.Completion;
import dev.hearth.Engine;
import dev.hearth.EngineBuilder;
import dev.hearth.Request;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Engines whose cache is too small for what they are asked, with a file below it. */
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class DiskCacheTest {
    private static final int VOCABULARY = 40; // tokens that each of the models has

    @TempDir
    private Path folder;

    private static EngineBuilder builder(String model) {
        return Engine.builder(Reference.resource("oracles/" + model)).threads(1).contextLength(128);
    }

    /** A quarter of what it would have if it weren't told: two sequences and some. */
    private static long narrowBytes(String model) {
        try (BareModel bare = builder(model).loadBare()) {
            return bare.memory().cacheBytes() / 4;
        }
    }

    private static Request request(int kind) {
        int[] ids = new int[70 + kind % 3 * 13];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = (i < 40 ? i * 7 + kind % 4 : i * 11 + kind * 5 + 3) % VOCABULARY;
        }
        return Request.tokens(ids).maxTokens(14).ignoreEos().temperature(0).build();
    }

    private void expectEmptyFolder() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"qwen3", "gpt_oss_odd", "jamba_odd", "mamba2_odd", "lfm2_odd", "qwen3_next_odd"})
    void answers_areThoseOfAnEngineWithoutIt(String model) throws IOException {
        check(model, builder -> builder.diskCache(folder, 16 << 20));
        expectEmptyFolder();
    }

    @ParameterizedTest
    @ValueSource(strings = {"qwen3", "jamba_odd"})
    void answersWithMemoryInItsPlace_areTheSame(String model) {
        check(model, builder -> builder.hostCache(16 << 20));
    }

    private static void check(String model, UnaryOperator<EngineBuilder> lower) {
        List<List<Integer>> expected = new ArrayList<>();
        try (Engine engine = builder(model).withoutPrefixCache().load()) {
            for (int kind = 0; kind < 12; kind++) {
                expected.add(engine.complete(request(kind)).ids());
            }
        }
        try (Engine engine =
                lower.apply(builder(model).cacheBytes(narrowBytes(model))).load()) {
            int rounds = 0;
            do { // what goes is written while others run
                for (int kind = 0; kind < 12; kind++) {
                    assertThat(engine.complete(request(kind)).ids()).isEqualTo(expected.get(kind));
                }
            } while (engine.stats().lower().loadedTokens() == 0 && ++rounds < 100);
            assertThat(engine.stats().lower().storedBytes()).isPositive();
            assertThat(engine.stats().lower().loadedTokens()).isPositive();
            List<CompletableFuture<Completion>> running = new ArrayList<>();
            for (int i = 0; i < 36; i++) {
                running.add(engine.submit(request(i % 12)));
            }
            for (int i = 0; i < 36; i++) {
                assertThat(running.get(i).join().ids()).isEqualTo(expected.get(i % 12));
            }
            assertThat(engine.stats().usedPages()).isZero();
        }
    }

    @Test
    void cacheThatHoldsNothing_isRefused() throws IOException {
        assertThatThrownBy(() -> builder("qwen3").diskCache(folder, 0)).hasMessageContaining("at least 1 byte");
        assertThatThrownBy(() -> builder("qwen3").hostCache(0)).hasMessageContaining("host cache: expected at least 1");
        assertThatThrownBy(() -> builder("qwen3").diskCache(folder, 100).load())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("bytes of a page, found 100");
        assertThatThrownBy(() -> builder("qwen3")
                        .withoutPrefixCache()
                        .diskCache(folder, 1 << 20)
                        .load())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("nothing is kept of prompts");
        assertThatThrownBy(() -> builder("qwen3")
                        .diskCache(folder.resolve("absent"), 1 << 20)
                        .load())
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("takes no file");
        expectEmptyFolder();
    }
}
