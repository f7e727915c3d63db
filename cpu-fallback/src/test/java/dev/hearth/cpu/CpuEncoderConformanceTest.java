package dev.hearth.cpu;

import dev.hearth.conformance.EncoderConformance;
import dev.hearth.spi.Backend;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Nested;

/** The conformance kit's models that read whole texts, on every set of kernels. */
final class CpuEncoderConformanceTest {
    private static Backend backend(String kernels, int threads) {
        return new CpuBackend(KernelChoice.of(CpuKernels.sources(), kernels), threads);
    }

    /** Every kernel set runs the same models. */
    private interface Encoders extends EncoderConformance {
        @Override
        default List<Path> folders() {
            return Reference.encoders();
        }

        @Override
        default List<Integer> threadCounts() {
            return List.of(1, 3);
        }
    }

    @Nested
    final class ScalarEncoders implements Encoders {
        @Override
        public Backend open(int threads) {
            return backend("scalar", threads);
        }

        @Override
        public List<Integer> threadCounts() {
            return List.of(1); // the specification itself
        }
    }

    @Nested
    final class VectorEncoders implements Encoders {
        @Override
        public Backend open(int threads) {
            return backend("vector", threads);
        }
    }

    @Nested
    final class NativeEncoders implements Encoders {
        @Override
        public Backend open(int threads) {
            TestLibrary.cpu();
            return backend("native", threads);
        }
    }

    @Nested
    final class NativePlainEncoders implements Encoders {
        @Override
        public Backend open(int threads) {
            return new CpuBackend(
                    new KernelChoice("native", TestLibrary.plainC(), "C, plain", "under test", List.of()), threads);
        }

        @Override
        public List<Integer> threadCounts() {
            return List.of(1);
        }
    }
}
