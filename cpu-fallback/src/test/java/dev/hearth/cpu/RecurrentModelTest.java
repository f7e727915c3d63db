package dev.hearth.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hearth.Completion;
import dev.hearth.Engine;
import dev.hearth.InsufficientMemoryException;
import dev.hearth.Request;
import dev.hearth.format.Loading;
import dev.hearth.model.Architectures;
import dev.hearth.model.ModelConfig;
import dev.hearth.model.ModelSource;
import dev.hearth.model.Network;
import dev.hearth.model.StateSpec;
import dev.hearth.model.Weights;
import dev.hearth.schedule.Chunk;
import dev.hearth.schedule.Runner;
import dev.hearth.schedule.TokenList;
import dev.hearth.spi.Backend;
import dev.hearth.spi.BackendOptions;
import dev.hearth.spi.CacheType;
import dev.hearth.spi.Device;
import dev.hearth.spi.Precision;
import dev.hearth.state.SequenceState;
import dev.hearth.state.StateCache;
import dev.hearth.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Models with a state of fixed size: forks, turns in a small cache, and what a budget of bytes means to them. */
final class RecurrentModelTest {
    private static final int[] PREFIX = {7, 14, 21, 3, 9};
    private static final int[] FIRST = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17};
    private static final int[] SECOND = {20, 4, 33};

    private static void run(String model, long cacheBytes, BiConsumer<Runner, ModelConfig> body) {
        try (Backend backend = new CpuBackendProvider().open(BackendOptions.DEFAULT);
                ModelSource source = ModelSource.open(Reference.resource(model), Loading.MAPPED)) {
            Device device = backend.devices().getFirst();
            ModelConfig config = source.config();
            try (Weights weights = new Weights(source.catalog(), config, device, part -> {})) {
                Network network = Architectures.build(config, weights);
                try (Runner runner = new Runner(network, device, Precision.EXACT, CacheType.F32, 64, cacheBytes)) {
                    body.accept(runner, config);
                }
            }
        }
    }

    private static List<Float> logits(Runner runner, SequenceState state, int[] tokens, int from) {
        Tensor logits = runner.forward(
                        List.of(new Chunk(state, new TokenList(tokens), from, tokens.length - from, Chunk.Logits.ALL)))
                .all();
        List<Float> values = new ArrayList<>();
        for (long t = 0; t < logits.rows(); t++) {
            for (long i = 0; i < logits.width(); i++) {
                values.add(logits.getFloat(t, i));
            }
        }
        return values;
    }

    private static int[] after(int[] prefix, int[] rest) {
        int[] all = java.util.Arrays.copyOf(prefix, prefix.length + rest.length);
        System.arraycopy(rest, 0, all, prefix.length, rest.length);
        return all;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"oracles/mamba2_odd", "oracles/jamba_odd", "oracles/falcon_h1_odd", "oracles/nemotron_h_odd"})
    void fork_goesOnAsTheOriginalWould(String model) {
        run(model, 1 << 20, (runner, config) -> {
            int[] one = after(PREFIX, FIRST);
            int[] other = after(PREFIX, SECOND);
            try (SequenceState alone = runner.cache().admit();
                    SequenceState otherAlone = runner.cache().admit();
                    SequenceState original = runner.cache().admit()) {
                logits(runner, alone, PREFIX, 0);
                List<Float> expected = logits(runner, alone, one, PREFIX.length);
                logits(runner, otherAlone, PREFIX, 0);
                List<Float> expectedOther = logits(runner, otherAlone, other, PREFIX.length);
                logits(runner, original, PREFIX, 0);
                try (SequenceState fork = runner.cache().fork(original, PREFIX.length)) {
                    assertThat(logits(runner, fork, other, PREFIX.length)).isEqualTo(expectedOther);
                    assertThat(logits(runner, original, one, PREFIX.length)).isEqualTo(expected);
                }
            }
            assertThat(runner.cache().usedPages()).isZero();
        });
    }

    @Test
    void admit_aSlotThatIsFreeAgainBeginsFromZeros() {
        run("oracles/mamba2_odd", 1 << 20, (runner, config) -> {
            List<Float> expected;
            try (SequenceState fresh = runner.cache().admit()) {
                expected = logits(runner, fresh, FIRST, 0);
            }
            try (SequenceState again = runner.cache().admit()) {
                assertThat(logits(runner, again, FIRST, 0)).isEqualTo(expected);
            }
        });
    }

    @Test
    void admit_countsSlotsOfAPureStateModel() {
        long slot = bytes("oracles/mamba2_odd", 1);
        run("oracles/mamba2_odd", 2 * slot, (runner, config) -> {
            StateCache cache = runner.cache();
            SequenceState first = cache.admit();
            SequenceState second = cache.admit();
            assertThat(cache.canAdmit()).isFalse();
            first.close();
            assertThat(cache.canAdmit()).isTrue();
            second.close();
            assertThat(cache.usedPages()).isZero();
        });
    }

    @Test
    void budget_ofOneFullSequenceOfAHybridAdmitsIt() {
        long full = bytes("oracles/jamba_odd", 64);
        run("oracles/jamba_odd", full, (runner, config) -> {
            assertThat(runner.cache().positionLimit()).isGreaterThanOrEqualTo(64);
            runner.cache().admit().close();
        });
    }

    private static long bytes(String model, int positions) {
        List<Long> bytes = new ArrayList<>();
        run(model, 1 << 20, (runner, config) -> {
            List<StateSpec> specs = runner.cache().specs();
            bytes.add(StateCache.bytes(specs, CacheType.F32, positions));
        });
        return bytes.getFirst();
    }

    @ParameterizedTest
    @ValueSource(strings = {"oracles/mamba2_odd", "oracles/falcon_h1_odd"})
    void engine_takesTurnsWhereSlotsAreFew(String model) {
        Path folder = Reference.resource(model);
        int[] alone;
        try (Engine wide = Engine.builder(folder).load()) {
            alone = wide.complete(request()).ids().stream().mapToInt(i -> i).toArray();
        }
        try (Engine narrow = Engine.builder(folder)
                .contextLength(32)
                .cacheBytes(2 * bytes(model, 32))
                .load()) {
            List<CompletableFuture<Completion>> queued = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                queued.add(narrow.submit(request()));
            }
            for (CompletableFuture<Completion> one : queued) {
                assertThat(one.join().ids().stream().mapToInt(i -> i).toArray()).isEqualTo(alone);
            }
        }
    }

    private static Request request() {
        return Request.tokens(PREFIX).maxTokens(20).temperature(0).ignoreEos().build();
    }

    @Test
    void engine_refusesABudgetBelowOneState() {
        Path folder = Reference.resource("oracles/mamba2_odd");
        assertThatThrownBy(() -> Engine.builder(folder).cacheBytes(100).load())
                .isInstanceOf(InsufficientMemoryException.class)
                .hasMessageContaining("the state of a sequence needs")
                .hasMessageContaining("a larger cache");
    }
}
