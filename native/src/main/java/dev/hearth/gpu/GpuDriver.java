package dev.hearth.gpu;

import dev.hearth.spi.MemoryInfo;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/**
 * A vendor's driver for one device: memory, and copies and kernels in one in-order queue. Addresses are the device's. Every call that
 * fails throws a {@link dev.hearth.spi.DeviceException} that names it, the device and the driver's error. Launches come from one thread
 * at a time, everything else from any.
 */
public interface GpuDriver extends AutoCloseable {
    /** Threads of every block. */
    int THREADS = 128;

    /** As in {@code cuda:0}. */
    String name();

    /** The device and its driver, as in {@code NVIDIA H100, driver 12.9}. */
    String description();

    /** What the device has and what is free. */
    MemoryInfo memory();

    /** The address of so many bytes, at least 1, at a multiple of 256. */
    long allocate(long bytes);

    /** Frees what {@link #allocate} gave, once the queue is done with it. A device that has failed may refuse: then nothing is left to free. */
    void free(long address);

    /** Keeps host memory where it is, so that an upload of it needs no copy; it must not change until the queue has read it. */
    void pin(MemorySegment memory);

    /** Ends what {@link #pin} began, as {@link #free} does. */
    void unpin(MemorySegment memory);

    /** Enqueues zeros. */
    void zero(long address, long bytes);

    /** Enqueues a copy of all of host memory, which may change as soon as this returns unless it is pinned. */
    void upload(long to, MemorySegment from);

    /** Enqueues a copy over all of host memory. */
    void download(MemorySegment to, long from);

    /** Enqueues a copy within the device. */
    void copy(long to, long from, long bytes);

    /** The handle of a kernel of the image. */
    long kernel(String name);

    /** Enqueues gridX * gridY blocks of a kernel, {@link #THREADS} threads each. */
    void launch(GpuKernel kernel, int gridX, int gridY, MemorySegment parameters);

    /** A mark, not yet set. */
    GpuMark mark();

    /** Graphs of launches; empty if the driver has none. */
    default Optional<GpuGraphs> graphs() {
        return Optional.empty();
    }

    /** Waits for everything that is enqueued. */
    void synchronize();

    /** Frees the queue and the image; what was allocated has been freed. */
    @Override
    void close();
}
