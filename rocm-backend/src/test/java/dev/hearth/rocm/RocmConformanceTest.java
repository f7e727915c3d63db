package dev.hearth.rocm;

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

/** The conformance kit on an emulated driver of HIP, with warps of 64 threads. */
final class RocmConformanceTest {
    private static final Emulation EMULATION = Emulation.use("rocm", "libamdhip64.so", 64);

    private static Backend backend() {
        return new RocmBackendProvider().open(BackendOptions.DEFAULT);
    }

    /** Random sizes meet every kernel; the chosen ones, which take minutes, are left to CUDA's tests. */
    private interface Operations extends GpuOperations {
        @Override
        default Stream<DynamicNode> operations() {
            return Stream.empty();
        }
    }

    @Nested
    final class Forward implements Operations {
        @Override
        public Backend open(int threads) {
            EMULATION.set("reset", 0);
            return backend();
        }
    }

    /** Threads run last first: who reads what another has yet to write shows in one of the two orders. */
    @Nested
    final class Reverse implements Operations {
        @Override
        public Backend open(int threads) {
            EMULATION.set("reverse", 1);
            return backend();
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
            return "rocm";
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
            return "rocm";
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
            return "rocm:0";
        }
    }
}
