package dev.hearth.conformance;

import dev.hearth.spi.host.HostKernels;
import dev.hearth.spi.reference.ScalarKernels;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** The specification against double precision, against gguf-py, and against itself in other chunks, ranges and strides. */
@Execution(ExecutionMode.CONCURRENT)
class ScalarConformanceTest implements HostKernelsConformance {
    @Override
    public HostKernels kernels() {
        return new ScalarKernels();
    }
}
