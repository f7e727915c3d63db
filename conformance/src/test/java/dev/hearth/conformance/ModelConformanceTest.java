package dev.hearth.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.hearth.conformance.TokenModel.Part;
import dev.hearth.spi.Backend;
import dev.hearth.spi.Precision;
import dev.hearth.spi.reference.ScalarKernels;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The checks of whole models, tried with a model that recites an oracle, rightly and wrongly. */
class ModelConformanceTest {
    /** What a wrong model does to the logits that it gives. */
    private interface Defect {
        float[] apply(float[] logits, int position, List<Part> step, Precision precision);
    }

    @Test
    void oracle_isRead() {
        OracleFiles oracle = OracleFiles.read(llama());
        assertThat(oracle.tolerance()).isCloseTo(1e-4 + 6.38e-5, within(1e-6));
        assertThat(oracle.model()).isEqualTo(llama());
        assertThat(oracle.cases()).hasSize(1);
        OracleFiles.Case c = oracle.cases().getFirst();
        assertThat(c.prompt()).startsWith(337, 197, 268).hasSize(7);
        assertThat(c.greedy()).startsWith(156, 48, 229).hasSize(24);
        assertThat(c.logits()).hasDimensions(31, 512);
    }

    @Test
    void everyOracle_choosesItsGreedyTokens() {
        String shared = System.getProperty("hearth.shared", "");
        List<Path> folders = new ArrayList<>(OracleFiles.find(oracles()));
        if (!shared.isEmpty()) {
            folders.addAll(OracleFiles.find(Path.of(shared, "oracles")));
            folders.addAll(OracleFiles.find(Path.of(shared, "gguf")));
            assertThat(folders).hasSizeGreaterThan(50);
        }
        for (Path folder : folders) {
            OracleFiles oracle = OracleFiles.read(folder);
            for (OracleFiles.Case c : oracle.cases()) {
                for (int i = 0; i < c.greedy().length; i++) {
                    float[] logits = c.logits()[c.prompt().length - 1 + i];
                    double greatest = IntStream.range(0, logits.length)
                            .mapToDouble(k -> logits[k])
                            .max()
                            .orElseThrow();
                    assertThat((double) logits[c.greedy()[i]])
                            .as(folder + ", token " + i)
                            .isEqualTo(greatest);
                }
            }
        }
    }

    @Test
    void rightModel_passesAll() {
        assertThat(failures((logits, position, step, precision) -> logits)).isEmpty();
    }

    @Test
    void logitsOff_fail() {
        assertThat(failures((logits, position, step, precision) -> plus(logits, position == 17 ? 2e-4f : 0)))
                .containsExactly("EXACT logits");
    }

    @Test
    void notANumber_fails() {
        assertThat(failures((logits, position, step, precision) -> plus(logits, position == 30 ? Float.NaN : 0)))
                .containsExactly("EXACT logits");
    }

    @Test
    void otherToken_fails() {
        assertThat(failures((logits, position, step, precision) -> {
                    float[] other = logits.clone();
                    other[5] += position == 25 ? 30 : 0;
                    return other;
                }))
                .containsExactly("EXACT logits", "EXACT greedy tokens");
    }

    @Test
    void bitsByChunk_fail() {
        assertThat(failures((logits, position, step, precision) ->
                        plus(logits, step.size() == 1 && step.getFirst().count() == 9 ? 1e-6f : 0)))
                .contains("EXACT in chunks", "FAST in chunks")
                .doesNotContain("EXACT logits", "EXACT as specified");
    }

    @Test
    void bitsByBatch_fail() {
        assertThat(failures((logits, position, step, precision) -> plus(logits, step.size() > 2 ? 1e-6f : 0)))
                .containsExactly("EXACT ragged", "FAST ragged");
    }

    @Test
    void bitsByThreads_fail() {
        HostKernelsConformance kernels = ScalarKernels::new;
        ModelConformance subject = subject(kernels, (device, path, precision) -> {
            float off = device.name().endsWith("3") ? 1e-6f : 0;
            return new Reciter((logits, position, step, p) -> plus(logits, off), precision);
        });
        assertThat(failures(subject)).containsExactly("EXACT with 3 threads", "FAST with 3 threads");
    }

    @Test
    void otherThanSpecified_fails() {
        HostKernelsConformance kernels = ScalarKernels::new;
        ModelConformance subject = subject(kernels, (device, path, precision) -> {
            float off = device.name().startsWith("split") && precision == Precision.FAST ? 1e-6f : 0;
            return new Reciter((logits, position, step, p) -> plus(logits, off), precision);
        });
        assertThat(failures(subject)).containsExactly("FAST as specified");
    }

    @Test
    void missingTensor_isNamed() {
        TensorFile file = TensorFile.read(llama().resolve("oracle.safetensors"));
        assertThatThrownBy(() -> file.rows("logits.7"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("logits.7");
        assertThatThrownBy(() -> file.rows("input_ids.0")).hasMessageContaining("expected F32");
    }

    private static List<String> failures(Defect defect) {
        HostKernelsConformance kernels = ScalarKernels::new;
        return failures(subject(kernels, (device, path, precision) -> new Reciter(defect, precision)));
    }

    private static List<String> failures(ModelConformance subject) {
        List<String> failed = new ArrayList<>();
        for (ModelConformance.ModelCheck check : subject.checks(OracleFiles.read(llama()))) {
            try {
                check.body().run();
            } catch (AssertionError e) {
                failed.add(check.name());
            }
        }
        return failed;
    }

    private static ModelConformance subject(Subject backend, TokenModel.Loader loader) {
        return new ModelConformance() {
            @Override
            public TokenModel.Loader loader() {
                return loader;
            }

            @Override
            public List<Path> folders() {
                return List.of(llama());
            }

            @Override
            public Backend open(int threads) {
                return backend.open(threads);
            }
        };
    }

    /** Knows the logits of the oracle by position; sequences that are no case get those of their last ids. */
    private record Reciter(Defect defect, Precision precision) implements TokenModel {
        @Override
        public float[][][] logits(List<int[]> sequences, List<List<Part>> steps) {
            float[][] known = OracleFiles.read(llama()).cases().getFirst().logits();
            float[][][] logits = new float[sequences.size()][][];
            int[] taken = new int[logits.length];
            for (int s = 0; s < logits.length; s++) {
                logits[s] = new float[sequences.get(s).length][];
            }
            for (List<Part> step : steps) {
                for (Part part : step) {
                    for (int i = 0; i < part.count(); i++) {
                        int position = taken[part.sequence()]++;
                        int from = known.length - logits[part.sequence()].length;
                        logits[part.sequence()][position] =
                                defect.apply(known[from + position], position, step, precision);
                    }
                }
            }
            return logits;
        }

        @Override
        public void close() {}
    }

    private static float[] plus(float[] logits, float much) {
        float[] sum = logits.clone();
        sum[1] += much;
        return sum;
    }

    private static Path llama() {
        return oracles().resolve("llama");
    }

    private static Path oracles() {
        try {
            return Path.of(Objects.requireNonNull(ModelConformanceTest.class.getResource("/oracles"))
                    .toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
