package dev.hearth.cpu;

import dev.hearth.spi.Backend;
import dev.hearth.spi.Device;
import dev.hearth.spi.host.HostDevice;
import dev.hearth.spi.host.HostOps;
import java.util.List;

/** One device, {@code cpu}, and the threads that work for it. Closed by the thread that uses its queue. */
final class CpuBackend implements Backend {
    private final String description;
    private final Workers workers;
    private final HostDevice device;
    private boolean closed;

    CpuBackend(KernelChoice choice, int threads) {
        description = "cpu (" + choice.description() + ", " + threads + (threads == 1 ? " thread)" : " threads)");
        workers = new Workers(threads);
        device = new HostDevice("cpu", new HostOps(choice.kernels(), workers));
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
