package dev.hearth.gpu;

import dev.hearth.spi.Backend;
import dev.hearth.spi.Device;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.Collectors;

/** GPUs of one vendor. The first is opened at once, the others when somebody asks for all. Closed by the thread that uses their queues. */
public final class GpuBackend implements Backend {
    private final int count;
    private final IntFunction<GpuDriver> open;
    private final List<GpuDriver> drivers = new ArrayList<>();
    private final List<GpuDevice> devices = new ArrayList<>();
    private boolean closed;

    /**
     * A backend over drivers, which it closes, also where this fails.
     *
     * @param count how many devices there are, at least one
     * @param open opens the driver of a device, by its place from 0
     * @throws dev.hearth.spi.DeviceException if the first cannot be opened, or its image lacks a kernel
     */
    public GpuBackend(int count, IntFunction<GpuDriver> open) {
        this.count = count;
        this.open = open;
        openUpTo(1);
    }

    private void openUpTo(int wanted) {
        while (devices.size() < wanted) {
            GpuDriver driver = RecordedDriver.of(open.apply(devices.size()));
            try {
                devices.add(new GpuDevice(driver));
                drivers.add(driver);
            } catch (RuntimeException | Error e) {
                driver.close();
                throw e;
            }
        }
    }

    @Override
    public synchronized String description() {
        return drivers.stream()
                .map(driver -> driver.name() + " (" + driver.description() + ")")
                .collect(Collectors.joining(", "));
    }

    @Override
    public synchronized Device device() {
        return devices.getFirst();
    }

    /** All of them. @throws dev.hearth.spi.DeviceException if one cannot be opened */
    @Override
    public synchronized List<Device> devices() {
        openUpTo(count);
        return List.copyOf(devices);
    }

    /** Closing twice is harmless. */
    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            devices.forEach(GpuDevice::close);
            drivers.forEach(GpuDriver::close);
        }
    }
}
