package dev.hearth.conformance;

import dev.hearth.spi.Backend;
import dev.hearth.spi.host.HostKernels;
import java.util.List;

/**
 * The kit for kernels on host memory, without their backend: "threads" are here ways to split a call into ranges, which must
 * give the same bits: whole; single tasks, last first; ranges of 5 on four threads; ranges of 17, last first.
 */
public interface HostKernelsConformance extends OpsConformance {
    /** The kernels; the same ones or new ones at each call. */
    HostKernels kernels();

    @Override
    default Backend open(int threads) {
        return new SplitBackend(kernels(), threads);
    }

    @Override
    default List<Integer> threadCounts() {
        return SplitBackend.WAYS;
    }
}
