package dev.hearth.gpu;

import dev.hearth.spi.Backend;
import dev.hearth.spi.Device;
import java.util.List;

/** One GPU. Closed by the thread that uses its queue. */
public final class GpuBackend implements Backend {
    private final GpuDriver driver;
    private final GpuDevice device;
    private boolean closed;

    /**
     * A backend over a driver, which it closes, also where this fails.
     *
     * @throws dev.hearth.spi.DeviceException if the image lacks a kernel
     */
    public GpuBackend(GpuDriver driver) {
        this.driver = driver;
        try {
            this.device = new GpuDevice(driver);
        } catch (RuntimeException | Error e) {
            driver.close();
            throw e;
        }
    }

    @Override
    public String description() {
        return driver.name() + " (" + driver.description() + ")";
    }

    @Override
    public List<Device> devices() {
        return List.of(device);
    }

    /** Closing twice is harmless. */
    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            device.close();
            driver.close();
        }
    }
}
