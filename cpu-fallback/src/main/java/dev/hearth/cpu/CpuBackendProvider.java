package dev.hearth.cpu;

import dev.hearth.spi.Backend;
import dev.hearth.spi.BackendOptions;
import dev.hearth.spi.BackendProvider;
import dev.hearth.spi.BackendUnavailableException;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The CPU, on every machine. Takes the fastest kernels that can be had: C, then the Vector API, then plain loops; the system
 * property {@code hearth.cpu.kernels} ({@code native}, {@code vector} or {@code scalar}) forces one. All give the same bits.
 * Thread-safe.
 */
public final class CpuBackendProvider implements BackendProvider {
    private static final Logger LOG = LoggerFactory.getLogger(CpuBackendProvider.class);

    /** For {@link java.util.ServiceLoader}. */
    public CpuBackendProvider() {}

    @Override
    public String name() {
        return "cpu";
    }

    @Override
    public int rank() {
        return 0;
    }

    /**
     * Opens the CPU with one thread a physical core unless the options say how many; the thread that calls an operation is one
     * of them.
     *
     * @throws BackendUnavailableException if {@code hearth.cpu.kernels} names kernels that cannot be had; says which can; or if
     *     pinned threads are asked for and there are no cores for them
     * @throws IllegalArgumentException if the options ask for less than 1 or more than 1024 threads
     */
    @Override
    public Backend open(BackendOptions options) {
        KernelChoice choice = KernelChoice.of(CpuKernels.sources(), System.getProperty(KernelChoice.PROPERTY));
        int threads = options.threads().orElseGet(Cores::count);
        CpuBackend backend = new CpuBackend(
                choice,
                threads,
                switch (options.placement()) {
                    case FREE -> Optional.empty();
                    case PINNED -> Optional.of(Pinning.of(threads));
                });
        LOG.info("{}: {}", backend.description(), choice.reason());
        if (!choice.passedOver().isEmpty()) {
            LOG.warn("cpu: faster kernels are missing: {}", String.join(". ", choice.passedOver()));
        }
        return backend;
    }
}
