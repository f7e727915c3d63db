package dev.hearth.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.hearth.conformance.ApartDevice;
import dev.hearth.conformance.HearthModel;
import dev.hearth.conformance.OracleFiles;
import dev.hearth.conformance.TokenModel;
import dev.hearth.conformance.TokenModel.Part;
import dev.hearth.format.Loading;
import dev.hearth.model.ModelConfig;
import dev.hearth.model.ModelSource;
import dev.hearth.spi.Backend;
import dev.hearth.spi.Device;
import dev.hearth.spi.Precision;
import dev.hearth.spi.UnsupportedOnDeviceException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Every family with its layers on two devices: the bits of one device, and refusal where layers share keys across. */
class PipelineTest {
    private static final Set<String> SHARING =
            Set.of("gemma3n", "gemma4"); // families of which some layers have no keys

    @TestFactory
    Stream<DynamicTest> families() {
        return Reference.folders().stream()
                .filter(folder -> config(folder).layerCount() > 1)
                .map(folder -> DynamicTest.dynamicTest(folder.getFileName().toString(), () -> check(folder)));
    }

    private static void check(Path folder) {
        OracleFiles oracle = OracleFiles.read(folder);
        List<int[]> sequences = new ArrayList<>();
        oracle.cases().forEach(c -> sequences.add(c.ids()));
        try (Backend backend = new CpuBackend(KernelChoice.of(CpuKernels.sources(), "native"), 1)) {
            Device host = backend.devices().getFirst();
            Device apart = new ApartDevice(host);
            if (sharesKeys(config(folder))) {
                assertThatExceptionOfType(UnsupportedOnDeviceException.class)
                        .isThrownBy(() -> logits(List.of(host, apart), oracle.model(), Precision.EXACT, sequences))
                        .withMessageContaining("apart");
                return;
            }
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

    private static boolean sharesKeys(ModelConfig config) {
        return SHARING.contains(config.architecture())
                && config.layers().stream().anyMatch(layer -> layer.mixer() == ModelConfig.Mixer.NONE);
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
