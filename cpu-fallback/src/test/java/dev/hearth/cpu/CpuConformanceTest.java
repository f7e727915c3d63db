package dev.hearth.cpu;

import dev.hearth.conformance.HostKernelsConformance;
import dev.hearth.conformance.ModelConformance;
import dev.hearth.conformance.OracleFiles;
import dev.hearth.ffi.Isa;
import dev.hearth.spi.Backend;
import dev.hearth.spi.host.HostKernels;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Nested;

/** The conformance kit on every set of kernels: operations and whole models. */
final class CpuConformanceTest {
    private static Backend backend(String kernels, int threads) {
        return new CpuBackend(KernelChoice.of(CpuKernels.sources(), kernels), threads);
    }

    /** Every kernel set runs the same models. */
    private interface Models extends ModelConformance {
        @Override
        default List<Path> folders() {
            return Reference.folders();
        }

        @Override
        default List<Integer> threadCounts() {
            return List.of(1, 3);
        }
    }

    @Nested
    final class ScalarModels implements Models {
        @Override
        public Backend open(int threads) {
            return backend("scalar", threads);
        }

        @Override
        public List<Integer> threadCounts() {
            return List.of(1); // the specification itself
        }

        /** Bits in chunks and batches are left to the other sets, which are held to these and take less time. */
        @Override
        public List<ModelCheck> checks(OracleFiles oracle) {
            return oracleChecks(oracle);
        }
    }

    @Nested
    final class VectorModels implements Models {
        @Override
        public Backend open(int threads) {
            return backend("vector", threads);
        }
    }

    @Nested
    final class VectorOperations implements HostKernelsConformance {
        @Override
        public HostKernels kernels() {
            return new VectorKernels();
        }
    }

    @Nested
    final class NativeModels implements Models {
        @Override
        public Backend open(int threads) {
            TestLibrary.cpu();
            return backend("native", threads);
        }
    }

    @Nested
    final class NativePlainModels implements Models {
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

    @Nested
    final class NativeOperations implements HostKernelsConformance {
        @Override
        public HostKernels kernels() {
            return new NativeKernels(TestLibrary.cpu().best());
        }
    }

    @Nested
    final class NativePlainOperations implements HostKernelsConformance {
        @Override
        public HostKernels kernels() {
            return TestLibrary.plainC();
        }
    }

    @Nested
    final class NativeOperationsUpToAvx2 implements HostKernelsConformance {
        @Override
        public HostKernels kernels() {
            return TestLibrary.upTo(Isa.AVX2);
        }
    }

    @Nested
    final class NativeOperationsUpToAvxVnni implements HostKernelsConformance {
        @Override
        public HostKernels kernels() {
            return TestLibrary.upTo(Isa.AVXVNNI);
        }
    }
}
