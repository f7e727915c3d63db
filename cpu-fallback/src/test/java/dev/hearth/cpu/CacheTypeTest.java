package dev.hearth.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.format.Loading;
import dev.hearth.model.Architectures;
import dev.hearth.model.ModelConfig;
import dev.hearth.model.ModelSource;
import dev.hearth.model.Network;
import dev.hearth.model.Weights;
import dev.hearth.schedule.Chunk;
import dev.hearth.schedule.Runner;
import dev.hearth.schedule.TokenList;
import dev.hearth.spi.Backend;
import dev.hearth.spi.CacheType;
import dev.hearth.spi.Device;
import dev.hearth.spi.Precision;
import dev.hearth.state.SequenceState;
import dev.hearth.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Whole models on each type of cache: heads that share keys, windows with sinks, latent attention, attention beside fixed states. */
final class CacheTypeTest {
    private static final int LENGTH = 50; // a page and a half
    private static final int FORKED = 37;

    static Stream<Arguments> modelsAndTypes() {
        return Stream.of("llama", "gpt_oss_odd", "deepseek_v2_odd", "gemma3_text", "jamba_odd")
                .flatMap(model -> Stream.of(CacheType.values()).map(type -> Arguments.of("oracles/" + model, type)));
    }

    private static <T> T run(String kernels, String model, CacheType type, Function<Runner, T> body) {
        TestLibrary.cpu();
        try (Backend backend = new CpuBackend(KernelChoice.of(CpuKernels.sources(), kernels), 2);
                ModelSource source = ModelSource.open(Reference.resource(model), Loading.MAPPED)) {
            Device device = backend.devices().getFirst();
            ModelConfig config = source.config();
            try (Weights weights = new Weights(source.catalog(), config, device, part -> {})) {
                Network network = Architectures.build(config, weights);
                try (Runner runner = new Runner(network, device, Precision.EXACT, type, 64, 8 << 20)) {
                    return body.apply(runner);
                }
            }
        }
    }

    /** Tokens without a pattern. */
    private static TokenList tokens(int seed) {
        int[] ids = new int[LENGTH];
        for (int i = 0; i < LENGTH; i++) {
            ids[i] = 3 + (i * 37 + seed * (i / FORKED) * 11) % 35;
        }
        return new TokenList(ids);
    }

    private static List<Float> logits(Runner runner, SequenceState state, TokenList tokens, int from, int to) {
        Tensor logits = runner.forward(List.of(new Chunk(state, tokens, from, to - from, Chunk.Logits.ALL)))
                .all();
        List<Float> values = new ArrayList<>();
        for (long t = 0; t < logits.rows(); t++) {
            for (long i = 0; i < logits.width(); i++) {
                values.add(logits.getFloat(t, i));
            }
        }
        return values;
    }

    private static List<Float> whole(Runner runner) {
        try (SequenceState state = runner.cache().admit()) {
            return logits(runner, state, tokens(0), 0, LENGTH);
        }
    }

    @ParameterizedTest
    @MethodSource("modelsAndTypes")
    void kernels_agree(String model, CacheType type) {
        List<Float> specified = run("scalar", model, type, CacheTypeTest::whole);
        assertThat(run("native", model, type, CacheTypeTest::whole)).isEqualTo(specified);
        assertThat(run("vector", model, type, CacheTypeTest::whole)).isEqualTo(specified);
    }

    @ParameterizedTest
    @MethodSource("modelsAndTypes")
    void fork_takesKeysValuesAndScalesAlong(String model, CacheType type) {
        run("native", model, type, runner -> {
            TokenList first = tokens(0);
            TokenList second = tokens(1);
            try (SequenceState alone = runner.cache().admit();
                    SequenceState otherAlone = runner.cache().admit();
                    SequenceState original = runner.cache().admit()) {
                logits(runner, alone, first, 0, FORKED);
                List<Float> expected = logits(runner, alone, first, FORKED, LENGTH);
                logits(runner, otherAlone, second, 0, FORKED);
                List<Float> expectedOther = logits(runner, otherAlone, second, FORKED, LENGTH);
                assertThat(expectedOther).isNotEqualTo(expected);
                logits(runner, original, first, 0, FORKED);
                try (SequenceState fork = runner.cache().fork(original, FORKED)) {
                    assertThat(logits(runner, fork, second, FORKED, LENGTH)).isEqualTo(expectedOther);
                    assertThat(logits(runner, original, first, FORKED, LENGTH)).isEqualTo(expected);
                }
            }
            return runner;
        });
    }

    /** Rounding shows, and moves logits of about unit size little: on the mean, as it may make a token choose another expert. */
    @ParameterizedTest
    @MethodSource("modelsAndTypes")
    void logits_stayNearThoseOfF32(String model, CacheType type) {
        List<Float> exact = run("native", model, CacheType.F32, CacheTypeTest::whole);
        List<Float> found = run("native", model, type, CacheTypeTest::whole);
        if (type == CacheType.F32) {
            assertThat(found).isEqualTo(exact);
            return;
        }
        assertThat(found).isNotEqualTo(exact);
        double sum = 0;
        for (int i = 0; i < exact.size(); i++) {
            sum += Math.abs(exact.get(i) - found.get(i));
        }
        assertThat(sum / exact.size()).isLessThan(0.02);
    }
}
