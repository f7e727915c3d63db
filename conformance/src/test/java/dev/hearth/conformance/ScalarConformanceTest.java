package dev.hearth.conformance;

import dev.hearth.spi.host.HostKernels;
import dev.hearth.spi.reference.ScalarKernels;

/** The specification against double precision, against gguf-py, and against itself in other chunks, ranges and strides. */
class ScalarConformanceTest implements HostKernelsConformance {
    @Override
    public HostKernels kernels() {
        return new ScalarKernels();
    }
}
