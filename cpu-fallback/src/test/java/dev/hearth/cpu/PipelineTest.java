package dev.hearth.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.hearth.conformance.ApartDevice;
import dev.hearth.conformance.HearthModel;
import dev.hearth.conformance.OracleFiles;
import dev.hearth.conformance.TokenModel;
import dev.hearth.conformance.TokenModel.Part;
import dev.hearth.format.Loading;
import dev.hearth.model.ModelConfig;
import dev.hearth.model.ModelSource;
import dev.hearth.model.Pipeline;
import dev.hearth.spi.Backend;
import dev.hearth.spi.Device;
import dev.hearth.spi.Precision;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Every family with its layers on two devices: the bits of one device, and refusal where layers would use keys across. */
class PipelineTest {
    @TestFactory
    Stream<DynamicTest> families() {
        return Reference.folders().stream()
                .filter(folder -> canBeSplit(config(folder)))
                .map(folder -> DynamicTest.dynamicTest(folder.getFileName().toString(), () -> check(folder)));
    }

    private static void check(Path folder) {
        OracleFiles oracle = OracleFiles.read(folder);
        List<int[]> sequences = new ArrayList<>();
        oracle.cases().forEach(c -> sequences.add(c.ids()));
        try (Backend backend = new CpuBackend(KernelChoice.of(CpuKernels.sources(), "native"), 1)) {
            Device host = backend.devices().getFirst();
            Device apart = new ApartDevice(host);
            for (Precision precision : Precision.values()) {
                float[][][] whole = logits(List.of(host), oracle.model(), precision, sequences);
                assertThat(logits(List.of(host, apart), oracle.model(), precision, sequences))
                        .as(precision + ": processor, then device")
                        .isDeepEqualTo(whole);
                assertThat(logits(List.of(apart, new ApartDevice(host)), oracle.model(), precision, sequences))
                        .as(precision + ": device, then device")
                        .isDeepEqualTo(whole);
            }
        }
    }

    private static ModelConfig config(Path folder) {
        try (ModelSource source = ModelSource.open(OracleFiles.read(folder).model(), Loading.MAPPED, List.of())) {
            return source.config();
        }
    }

    private static boolean canBeSplit(ModelConfig config) {
        return IntStream.range(1, config.layerCount()).anyMatch(config::canBeginAt);
    }

    /** Layers 2 and 3 use the keys of layers 0 and 1. */
    @Test
    void layersApartFromTheirKeys_areRefused() {
        ModelConfig config = config(Reference.resource("oracles/gemma3n_text"));
        assertThat(canBeSplit(config)).isFalse();
        try (Backend backend = new CpuBackend(KernelChoice.of(CpuKernels.sources(), "native"), 1)) {
            List<Device> devices = List.of(backend.device(), new ApartDevice(backend.device()));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Pipeline.of(config.withStages(List.of(0, 0, 1, 1)), devices))
                    .withMessageContaining("from layer 2 on");
        }
    }

    /** All sequences together, their halves apart. */
    private static float[][][] logits(List<Device> devices, Path path, Precision precision, List<int[]> sequences) {
        List<Part> firsts = new ArrayList<>();
        List<Part> seconds = new ArrayList<>();
        for (int s = 0; s < sequences.size(); s++) {
            int half = sequences.get(s).length / 2;
            firsts.add(new Part(s, half));
            seconds.add(new Part(s, sequences.get(s).length - half));
        }
        try (TokenModel model = HearthModel.load(devices, path, precision, List.of())) {
            return model.logits(sequences, List.of(firsts, seconds));
        }
    }
}
