package dev.hearth.cuda;

import dev.hearth.gpu.Emulation;
import dev.hearth.gpu.GpuFaults;
import dev.hearth.gpu.GpuGraphModels;
import dev.hearth.gpu.GpuOperations;
import dev.hearth.gpu.GpuPlacement;
import dev.hearth.gpu.GpuSoak;
import dev.hearth.spi.Backend;
import dev.hearth.spi.BackendOptions;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.Nested;

/** The conformance kit on an emulated driver, by JCuda as on a real one. */
final class CudaConformanceTest {
    private static final Emulation EMULATION = Emulation.use("cuda", "libcuda.so.1", 32);

    private static Backend backend() {
        return new CudaBackendProvider().open(BackendOptions.DEFAULT);
    }

    @Nested
    final class Operations implements GpuOperations {
        @Override
        public Backend open(int threads) {
            EMULATION.set("reset", 0);
            return backend();
        }
    }

    /** Threads run last first: who reads what another has yet to write shows in one of the two orders. */
    @Nested
    final class OperationsInReverse implements GpuOperations {
        @Override
        public Backend open(int threads) {
            EMULATION.set("reverse", 1);
            return backend();
        }

        /** Random sizes meet every kernel; the chosen ones take minutes. */
        @Override
        public Stream<DynamicNode> operations() {
            return Stream.empty();
        }
    }

    @Nested
    final class Placement implements GpuPlacement {
        @Override
        public Emulation emulation() {
            return EMULATION;
        }

        @Override
        public String backend() {
            return "cuda";
        }
    }

    @Nested
    final class Soak implements GpuSoak {
        @Override
        public Emulation emulation() {
            return EMULATION;
        }

        @Override
        public String backend() {
            return "cuda";
        }
    }

    @Nested
    final class Graphs implements GpuGraphModels {
        @Override
        public Emulation emulation() {
            return EMULATION;
        }

        @Override
        public Backend open() {
            return backend();
        }
    }

    @Nested
    final class Faults implements GpuFaults {
        @Override
        public Emulation emulation() {
            return EMULATION;
        }

        @Override
        public Backend open() {
            return backend();
        }

        @Override
        public String deviceName() {
            return "cuda:0";
        }
    }
}
