package dev.hearth.cpu;

import dev.hearth.spi.reference.ScalarKernels;
import java.util.List;

/** The sources of kernels for the CPU, fastest first. */
final class CpuKernels {
    private static final String VECTOR_MODULE = "jdk.incubator.vector";

    private CpuKernels() {}

    static List<KernelSource> sources() {
        return List.of(
                new KernelSource("native", NativeChoice::probe),
                new KernelSource("vector", CpuKernels::probeVector),
                new KernelSource("scalar", CpuKernels::probeScalar));
    }

    private static KernelSource.Probe probeVector() {
        if (ModuleLayer.boot().findModule(VECTOR_MODULE).isEmpty()) {
            return new KernelSource.Missing(
                    "the module " + VECTOR_MODULE + " is not resolved",
                    "start java with --add-modules " + VECTOR_MODULE);
        }
        return OverVectors.probe();
    }

    private static KernelSource.Probe probeScalar() {
        return new KernelSource.Found(new ScalarKernels(), "plain loops");
    }

    /** Loaded only where the module is resolved: everything behind it needs the module's classes. */
    private static final class OverVectors {
        static KernelSource.Probe probe() {
            return VectorKernels.isWorthwhile()
                    ? new KernelSource.Found(new VectorKernels(), "Vector API, " + VectorKernels.vectorBits() + " bits")
                    : new KernelSource.Missing(
                            "this processor has no vectors of four floats that Java uses",
                            "leave the choice to the engine");
        }
    }
}
