package dev.hearth.cpu;

import dev.hearth.spi.host.HostKernels;
import java.util.function.Supplier;

/**
 * One way to compute on this machine, and whether it can be had.
 *
 * @param name what the system property chooses it by
 * @param probe finds out, without side effects where it cannot be had; loads no class of the other sources
 */
record KernelSource(String name, Supplier<Probe> probe) {
    /** What a probe found. */
    sealed interface Probe {}

    /**
     * It can be had.
     *
     * @param description for logs, as in {@code Vector API, 256 bits}
     */
    record Found(HostKernels kernels, String description) implements Probe {}

    /**
     * It cannot.
     *
     * @param reason why, as in {@code the module jdk.incubator.vector is not resolved}
     * @param remedy what to do about it
     */
    record Missing(String reason, String remedy) implements Probe {}
}
