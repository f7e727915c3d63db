package dev.hearth.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.hearth.Completion;
import dev.hearth.Engine;
import dev.hearth.Request;
import dev.hearth.gpu.Emulation;
import dev.hearth.quantize.BlockType;
import dev.hearth.spi.Precision;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Engines on an emulated GPU: found and chosen, the CPU's tokens, and what happens where the GPU cannot. */
class CudaEngineTest {
    private static final Emulation EMULATION = Emulation.use("cuda", "libcuda.so.1", 32);
    private static final Path LLAMA = Emulation.repository().resolve("cpu-fallback/src/test/resources/oracles/llama");
    private static final Path QWEN3 = Emulation.repository().resolve("cpu-fallback/src/test/resources/oracles/qwen3");
    private static final Path RECURRENT =
            Emulation.repository().resolve("cpu-fallback/src/test/resources/oracles/mamba_odd");
    private static final int[] PROMPT = {3, 14, 15, 9, 26, 5, 35, 8, 39, 7};

    @AfterEach
    void reset() {
        EMULATION.set("reset", 0);
    }

    private static List<Integer> generate(Engine engine) {
        return engine.complete(Request.tokens(PROMPT)
                        .maxTokens(24)
                        .temperature(0)
                        .ignoreEos()
                        .build())
                .ids();
    }

    @Test
    void engine_choosesTheGpuAndGivesTheCpusTokens() {
        try (Engine gpu = Engine.builder(LLAMA).load();
                Engine cpu = Engine.builder(LLAMA).backend("cpu").load()) {
            assertThat(gpu.backend()).startsWith("cuda:0 (emulated GPU");
            long before = EMULATION.count("graph-launches");
            assertThat(generate(gpu)).isEqualTo(generate(cpu));
            assertThat(EMULATION.count("graph-launches") - before).isGreaterThan(10);
        }
        assertThat(EMULATION.count("allocations")).isZero();
        assertThat(EMULATION.count("handles")).isZero();
    }

    @Test
    void encodedWeights_giveTheCpusTokens() {
        try (Engine gpu = Engine.builder(LLAMA).weights(BlockType.Q8_0).load();
                Engine cpu = Engine.builder(LLAMA)
                        .weights(BlockType.Q8_0)
                        .backend("cpu")
                        .load()) {
            assertThat(gpu.backend()).startsWith("cuda:0");
            assertThat(generate(gpu)).isEqualTo(generate(cpu));
        }
    }

    @Test
    void recurrentModel_givesTheCpusTokens() {
        try (Engine gpu = Engine.load(RECURRENT);
                Engine cpu = Engine.builder(RECURRENT).backend("cpu").load()) {
            assertThat(gpu.backend()).startsWith("cuda:0");
            assertThat(generate(gpu)).isEqualTo(generate(cpu));
        }
        assertThat(EMULATION.count("allocations")).isZero();
    }

    /** Of a row's logits only some come to the process: which ones depends on the settings. */
    @Test
    void drawnTokens_areThoseThatTheCpuDraws() {
        List<UnaryOperator<Request.Builder>> settings = List.of(
                b -> b.temperature(0.9),
                b -> b.temperature(0.9).topP(0.8),
                b -> b.temperature(0.7).topK(3),
                b -> b.temperature(0).sampling(s -> s.repetitionPenalty(1.4)),
                b -> b.temperature(1.3).sampling(s -> s.minP(0.02).frequencyPenalty(0.7)),
                b -> b.temperature(1.1).sampling(s -> s.typicalP(0.7)),
                b -> b.temperature(0).sampling(s -> s.allowedTokens(Set.of(3, 140, 141, 500))),
                b -> b.temperature(0).sampling(s -> s.logprobs(2)));
        try (Engine gpu = Engine.builder(QWEN3).precision(Precision.EXACT).load();
                Engine cpu = Engine.builder(QWEN3)
                        .precision(Precision.EXACT)
                        .backend("cpu")
                        .load()) {
            assertThat(gpu.backend()).startsWith("cuda:0");
            List<Request> requests = settings.stream()
                    .map(setting -> setting.apply(
                                    Request.tokens(PROMPT).maxTokens(12).seed(5).ignoreEos())
                            .build())
                    .toList();
            List<CompletableFuture<Completion>> together =
                    requests.stream().map(gpu::submit).toList();
            for (int i = 0; i < requests.size(); i++) {
                Completion drawn = together.get(i).join();
                Completion expected = cpu.complete(requests.get(i));
                assertThat(drawn.ids()).as("settings %d", i).isEqualTo(expected.ids());
                assertThat(drawn.logprobs()).isEqualTo(expected.logprobs());
            }
        }
    }

    @Test
    void tooLittleMemory_goesToTheCpu() {
        EMULATION.set("memory", 100_000);
        try (Engine engine =
                Engine.builder(LLAMA).cacheBytes(1 << 20).contextLength(64).load()) {
            assertThat(engine.backend()).startsWith("cpu");
        }
    }

    @Test
    void failedKernel_failsTheRequestAndNotTheProcess() {
        try (Engine engine = Engine.builder(LLAMA).load()) {
            EMULATION.set("fail-launch", 20);
            assertThatExceptionOfType(RuntimeException.class)
                    .isThrownBy(() -> generate(engine))
                    .withStackTraceContaining("DeviceException")
                    .withStackTraceContaining("cuda:0");
            EMULATION.set("reset", 0);
        }
    }

    /** However far it has come: the steps after it take their own integers, not those of the one that failed. */
    @Test
    void stepWithoutMemory_failsAlone() {
        try (Engine engine =
                Engine.builder(LLAMA).contextLength(64).cacheBytes(1 << 16).load()) {
            List<Integer> expected = few(engine, PROMPT);
            int[] longer = IntStream.range(0, 60).map(i -> 3 + i % 30).toArray();
            boolean fits = false;
            int failures = 0;
            for (int bytes = 0; !fits; bytes += 2048) {
                EMULATION.set("spare", bytes);
                try {
                    few(engine, longer);
                    fits = true;
                } catch (RuntimeException e) {
                    assertThat(e).hasStackTraceContaining("cuMemAlloc");
                    failures++;
                }
                EMULATION.set("memory", 1 << 30);
                assertThat(few(engine, PROMPT)).as("%s bytes were free", bytes).isEqualTo(expected);
            }
            assertThat(failures).isPositive();
        }
    }

    private static List<Integer> few(Engine engine, int... prompt) {
        return engine.complete(Request.tokens(prompt)
                        .maxTokens(3)
                        .temperature(0)
                        .ignoreEos()
                        .build())
                .ids();
    }
}
