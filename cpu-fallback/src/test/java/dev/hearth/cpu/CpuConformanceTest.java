package dev.hearth.cpu;

import dev.hearth.conformance.Cases;
import dev.hearth.conformance.HostKernelsConformance;
import dev.hearth.conformance.ModelConformance;
import dev.hearth.conformance.OracleFiles;
import dev.hearth.conformance.SpecifiedLogits;
import dev.hearth.ffi.Isa;
import dev.hearth.spi.Backend;
import dev.hearth.spi.host.HostKernels;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** The conformance kit on every set of kernels: operations and whole models. */
final class CpuConformanceTest {
    private static final Cases CASES = new Cases();
    private static final SpecifiedLogits SPECIFIED = new SpecifiedLogits();

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

        @Override
        default SpecifiedLogits specifiedLogits() {
            return SPECIFIED;
        }
    }

    /** Every kernel set is tried by the same cases. */
    private interface Operations extends HostKernelsConformance {
        @Override
        default Cases cases() {
            return CASES;
        }
    }

    @Nested
    @Execution(ExecutionMode.CONCURRENT)
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
    @Execution(ExecutionMode.CONCURRENT)
    final class VectorModels implements Models {
        @Override
        public Backend open(int threads) {
            return backend("vector", threads);
        }
    }

    @Nested
    @Execution(ExecutionMode.CONCURRENT)
    final class VectorOperations implements Operations {
        @Override
        public HostKernels kernels() {
            return new VectorKernels();
        }
    }

    @Nested
    @Execution(ExecutionMode.CONCURRENT)
    final class NativeModels implements Models {
        @Override
        public Backend open(int threads) {
            TestLibrary.cpu();
            return backend("native", threads);
        }
    }

    @Nested
    @Execution(ExecutionMode.CONCURRENT)
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

        /** Ragged steps cut sequences too; every chunk is left to the sets that take less time. */
        @Override
        public List<ModelCheck> chunkChecks(OracleFiles oracle) {
            return List.of();
        }
    }

    @Nested
    @Execution(ExecutionMode.CONCURRENT)
    final class NativeOperations implements Operations {
        @Override
        public HostKernels kernels() {
            return new NativeKernels(TestLibrary.cpu().best());
        }
    }

    @Nested
    @Execution(ExecutionMode.CONCURRENT)
    final class NativePlainOperations implements Operations {
        @Override
        public HostKernels kernels() {
            return TestLibrary.plainC();
        }
    }

    @Nested
    @Execution(ExecutionMode.CONCURRENT)
    final class NativeOperationsUpToAvx2 implements Operations {
        @Override
        public HostKernels kernels() {
            return TestLibrary.upTo(Isa.AVX2);
        }
    }

    @Nested
    @Execution(ExecutionMode.CONCURRENT)
    final class NativeOperationsUpToAvxVnni implements Operations {
        @Override
        public HostKernels kernels() {
            return TestLibrary.upTo(Isa.AVXVNNI);
        }
    }
}
