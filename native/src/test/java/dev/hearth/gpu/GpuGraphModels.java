package dev.hearth.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hearth.conformance.HearthModel;
import dev.hearth.conformance.OracleFiles;
import dev.hearth.conformance.TokenModel;
import dev.hearth.conformance.TokenModel.Part;
import dev.hearth.spi.Backend;
import dev.hearth.spi.Precision;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Sequences that are decoded together, with graphs and without: the same bits. */
public interface GpuGraphModels {
    /** Attention, with windows; experts; states of fixed size; int8 products. */
    List<String> MODELS = List.of("llama", "gemma3_text", "qwen3_moe", "mamba2_odd", "rwkv", "fp8_channel");

    /** The driver. */
    Emulation emulation();

    /** As the engine opens it. */
    Backend open();

    /** One for each model. */
    @TestFactory
    default Stream<DynamicTest> graphs() {
        Path folder = Emulation.repository().resolve("cpu-fallback/src/test/resources/oracles");
        return MODELS.stream().map(name -> DynamicTest.dynamicTest(name, () -> check(folder.resolve(name))));
    }

    private void check(Path folder) {
        OracleFiles oracle = OracleFiles.read(folder);
        for (Precision precision : Precision.values()) {
            System.setProperty(RecordedDriver.GRAPHS, "off");
            float[][][] expected;
            try {
                expected = logits(oracle, precision);
            } finally {
                System.clearProperty(RecordedDriver.GRAPHS);
            }
            long before = emulation().count("graph-launches");
            assertThat(logits(oracle, precision)).isDeepEqualTo(expected);
            assertThat(emulation().count("graph-launches") - before).isGreaterThan(10);
            assertThat(emulation().count("handles")).isZero();
            assertThat(emulation().count("allocations")).isZero();
        }
    }

    /** Prompts of three tokens, then one token of each at a time. */
    private float[][][] logits(OracleFiles oracle, Precision precision) {
        List<int[]> sequences = new ArrayList<>();
        oracle.cases().forEach(c -> sequences.add(c.ids()));
        List<List<Part>> steps = new ArrayList<>();
        int longest = sequences.stream().mapToInt(s -> s.length).max().orElse(0);
        for (int at = 0; at < longest; at += at == 0 ? 3 : 1) {
            List<Part> parts = new ArrayList<>();
            for (int s = 0; s < sequences.size(); s++) {
                int count = Math.min(at == 0 ? 3 : 1, sequences.get(s).length - at);
                if (count > 0) {
                    parts.add(new Part(s, count));
                }
            }
            steps.add(parts);
        }
        try (Backend backend = open();
                TokenModel model = HearthModel.load(backend.device(), oracle.model(), precision)) {
            return model.logits(sequences, steps);
        }
    }
}
