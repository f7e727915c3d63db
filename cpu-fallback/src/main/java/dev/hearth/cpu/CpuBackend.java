package dev.hearth.cpu;

import dev.hearth.spi.Backend;
import dev.hearth.spi.Device;
import dev.hearth.spi.host.HostDevice;
import dev.hearth.spi.host.HostOps;
import dev.hearth.spi.host.Workers;
import java.util.List;
import java.util.Optional;

/** One device, {@code cpu}, and the threads that work for it. Closed by the thread that uses its queue. */
final class CpuBackend implements Backend {
    private final String description;
    private final Workers workers;
    private final HostDevice device;
    private boolean closed;

    CpuBackend(KernelChoice choice, int threads) {
        this(choice, threads, Optional.empty());
    }

    CpuBackend(KernelChoice choice, int threads, Optional<Pinning> pinning) {
        description = "cpu (" + choice.description() + ", " + threads + (threads == 1 ? " thread" : " threads")
                + pinning.map(p -> " on processors " + p).orElse("") + ")";
        workers = new Workers("cpu", threads, pinning.map(p -> p));
        device = new HostDevice("cpu", new HostOps(choice.kernels(), workers), HugePages.allocator());
    }

    @Override
    public String description() {
        return description;
    }

    @Override
    public List<Device> devices() {
        return List.of(device);
    }

    /** Stops the threads before the device frees what they might read. Closing twice is harmless. */
    @Override
    public synchronized void close() {
        if (!closed) {
            workers.close();
            device.close();
            closed = true;
        }
    }
}
