package dev.hearth.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNoException;

import dev.hearth.spi.Backend;
import dev.hearth.spi.BackendOptions;
import dev.hearth.spi.BackendProvider;
import dev.hearth.spi.Device;
import dev.hearth.spi.Epilogue;
import dev.hearth.spi.Ops;
import dev.hearth.spi.Weight;
import dev.hearth.spi.WeightSource;
import dev.hearth.spi.host.HostWeight;
import dev.hearth.tensor.DType;
import dev.hearth.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.ServiceLoader;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class CpuBackendProviderTest {
    @Test
    void serviceLoader_findsIt() {
        List<BackendProvider> found = ServiceLoader.load(BackendProvider.class).stream()
                .map(ServiceLoader.Provider::get)
                .filter(provider -> provider.name().equals("cpu"))
                .toList();
        assertThat(found).hasSize(1);
        assertThat(found.getFirst().rank()).isZero();
        assertThat(found.getFirst()).isInstanceOf(CpuBackendProvider.class);
    }

    @Test
    void open_computesOnAsManyThreadsAsAsked() {
        try (Samples samples = new Samples(5);
                Backend backend = new CpuBackendProvider().open(new BackendOptions(OptionalInt.of(3)))) {
            assertThat(backend.description()).startsWith("cpu (").endsWith(", 3 threads)");
            Device device = backend.devices().getFirst();
            assertThat(device.name()).isEqualTo("cpu");
            HostWeight sample = samples.weight(DType.F32, 64, 32);
            Weight weight = device.load(new WeightSource("w", sample.type(), sample.shape(), sample.data()));
            Tensor x = samples.floats(1, 32);
            Tensor out = samples.empty(DType.F32, 1, 64);
            Ops ops = device.ops();
            ops.linear(out, x, weight, Epilogue.NONE);
            ops.fence().await();
            double expected = 0;
            for (int k = 0; k < 32; k++) {
                expected += (double) x.getFloat(0, k) * sample.data().get(Tensor.FLOAT, (63 * 32 + k) * 4L);
            }
            assertThat((double) out.getFloat(0, 63)).isCloseTo(expected, org.assertj.core.data.Offset.offset(1e-4));
        }
    }

    @Test
    void open_leftAlone_takesThePhysicalCores() {
        Backend backend = new CpuBackendProvider().open(BackendOptions.DEFAULT);
        try {
            int cores = Cores.count();
            assertThat(backend.description()).contains(cores + (cores == 1 ? " thread)" : " threads)"));
        } finally {
            backend.close();
        }
        assertThatNoException().isThrownBy(backend::close); // twice is harmless
    }

    @Test
    void open_withNoThread_isRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new CpuBackendProvider().open(new BackendOptions(OptionalInt.of(0))));
    }

    @Test
    @Timeout(60)
    void withoutTheModule_scalarIsChosenAndSaysSo() throws Exception {
        Child child = child("-Xlog:class+load:stdout");
        assertThat(child.exit()).as(child.output()).isZero();
        assertThat(child.output())
                .contains("opened cpu (plain loops, 2 threads)")
                .contains("INFO", "cpu (plain loops, 2 threads)")
                .contains("WARN", "start java with --add-modules jdk.incubator.vector")
                .doesNotContain("jdk.incubator.vector.FloatVector")
                .doesNotContain("dev.hearth.cpu.VectorMath");
    }

    @Test
    @Timeout(60)
    void withoutTheModule_vectorIsRefused() throws Exception {
        Child child = child("-Dhearth.cpu.kernels=vector");
        assertThat(child.exit()).isEqualTo(1);
        assertThat(child.output())
                .contains("BackendUnavailableException: cpu: -Dhearth.cpu.kernels=vector: "
                        + "the module jdk.incubator.vector is not resolved; "
                        + "start java with --add-modules jdk.incubator.vector, or choose among scalar");
    }

    @Test
    @Timeout(60)
    void withTheModule_vectorIsChosenOrScalarOnRequest() throws Exception {
        assertThat(child("--add-modules", "jdk.incubator.vector").output()).contains("opened cpu (Vector API, ");
        Child forced = child("--add-modules", "jdk.incubator.vector", "-Dhearth.cpu.kernels=scalar");
        assertThat(forced.output())
                .contains("opened cpu (plain loops, 2 threads)", "-Dhearth.cpu.kernels=scalar")
                .doesNotContain("WARN ");
    }

    private record Child(int exit, String output) {}

    /** Opens the backend in a JVM of its own, whose modules and properties are those given. */
    private static Child child(String... options) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(
                List.of("-Xmx256m", "-Dhearth.native.library=none", "-cp", System.getProperty("java.class.path")));
        command.addAll(List.of(options));
        command.add(Opening.class.getName());
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try (InputStream output = process.getInputStream()) {
            String text = new String(output.readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
            return new Child(process.exitValue(), text);
        }
    }

    /** The child's program. */
    static final class Opening {
        private Opening() {}

        public static void main(String[] arguments) {
            try (Backend backend = new CpuBackendProvider().open(new BackendOptions(OptionalInt.of(2)))) {
                System.out.println("opened " + backend.description());
            }
        }
    }
}
