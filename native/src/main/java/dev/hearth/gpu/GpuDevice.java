package dev.hearth.gpu;

import dev.hearth.spi.Device;
import dev.hearth.spi.DeviceException;
import dev.hearth.spi.MemoryInfo;
import dev.hearth.spi.Ops;
import dev.hearth.spi.Precision;
import dev.hearth.spi.ScratchMeter;
import dev.hearth.spi.Weight;
import dev.hearth.spi.WeightSource;
import dev.hearth.spi.host.HostOps;
import dev.hearth.spi.host.HostWeight;
import dev.hearth.spi.host.Parallel;
import dev.hearth.spi.host.Workers;
import dev.hearth.tensor.Buffer;
import dev.hearth.tensor.HostBuffer;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/** A GPU: weights are copied into its memory, integers of a step are read from the host's. */
final class GpuDevice implements Device, AutoCloseable {
    private static final long PAGE = 4096;
    private static final int MANY_TASKS = 8; // fewer are done before others have woken
    private static final int MOST_THREADS = 8;

    private final GpuDriver driver;
    private final Support support;
    private final Mirrors mirrors;
    private final Staging staging; // until a step has been computed
    private final HostOps ops;
    private final Set<Long> owned = ConcurrentHashMap.newKeySet(); // addresses not yet freed
    private @Nullable Workers workers; // the queue's thread

    GpuDevice(GpuDriver driver) {
        this.driver = driver;
        this.support = new Support(driver.name());
        this.mirrors = new Mirrors(driver);
        this.staging = new Staging(driver);
        this.ops = new HostOps(new GpuKernels(driver, mirrors, support, staging::release), Parallel.SERIAL);
    }

    @Override
    public String name() {
        return driver.name();
    }

    @Override
    public Weight load(WeightSource source) {
        Precision.FAST.activation(source.type()); // refuses what no weight is of
        support.requireWeight(source.type());
        long address = allocateOwned(source.data().byteSize());
        try {
            staging.upload(address, source.data());
        } catch (RuntimeException e) {
            free(address);
            throw e;
        }
        MemorySegment place = MemorySegment.ofAddress(address);
        return new HostWeight(source.name(), source.type(), source.shape(), place, () -> free(address));
    }

    @Override
    public Allocation allocate(long bytes) {
        long address = allocateOwned(bytes);
        driver.zero(address, Math.max(1, bytes));
        return new GpuAllocation(new GpuBuffer(address, bytes), () -> free(address));
    }

    @Override
    public Allocation allocateHost(long bytes) {
        Arena arena = Arena.ofShared();
        try {
            HostBuffer buffer = new HostBuffer(arena.allocate(bytes, PAGE));
            if (bytes > 0) {
                driver.pin(buffer.segment());
                mirrors.know(buffer.segment());
            }
            return new GpuAllocation(buffer, () -> freeHost(arena, buffer.segment()));
        } catch (OutOfMemoryError e) {
            arena.close();
            throw new DeviceException(
                    name() + ": cannot allocate " + bytes + " bytes of host memory: " + e.getMessage());
        } catch (RuntimeException e) {
            arena.close();
            throw e;
        }
    }

    private void freeHost(Arena arena, MemorySegment segment) {
        if (arena.scope().isAlive()) {
            mirrors.forget(segment);
            if (segment.byteSize() > 0) {
                driver.unpin(segment);
            }
            arena.close();
        }
    }

    private long allocateOwned(long bytes) {
        long address = driver.allocate(Math.max(1, bytes));
        owned.add(address);
        return address;
    }

    private void free(long address) {
        if (owned.remove(address)) {
            driver.free(address);
        }
    }

    @Override
    public void copy(Buffer to, long toOffset, Buffer from, long fromOffset, long bytes) {
        if (to instanceof GpuBuffer there && from instanceof GpuBuffer here) {
            driver.copy(there.address() + toOffset, here.address() + fromOffset, bytes);
        } else if (to instanceof GpuBuffer there && from instanceof HostBuffer host) {
            driver.upload(there.address() + toOffset, host.segment().asSlice(fromOffset, bytes));
            driver.synchronize();
        } else if (to instanceof HostBuffer host && from instanceof GpuBuffer here) {
            driver.download(host.segment().asSlice(toOffset, bytes), here.address() + fromOffset);
            driver.synchronize();
        } else {
            throw new IllegalArgumentException("copy: expected a buffer of " + name()
                    + " and one of it or the host, found " + to.getClass().getSimpleName() + " and "
                    + from.getClass().getSimpleName());
        }
    }

    /** By some of the processor's threads, which are started the first time that it is worth it. */
    @Override
    public void each(int count, IntConsumer task) {
        if (count < MANY_TASKS) {
            Device.super.each(count, task);
            return;
        }
        if (workers == null) {
            int processors = Runtime.getRuntime().availableProcessors();
            workers = new Workers(name(), Math.clamp(processors / 2, 1, MOST_THREADS));
        }
        workers.each(count, task);
    }

    @Override
    public Ops ops() {
        return ops;
    }

    @Override
    public boolean copiesWeights() {
        return true;
    }

    @Override
    public boolean supportsAll() {
        return false;
    }

    @Override
    public ScratchMeter scratchMeter(int positions) {
        return new GpuScratchMeter(support, positions);
    }

    @Override
    public MemoryInfo memory() {
        return driver.memory();
    }

    /** Frees everything that is left, also what others have forgotten to close. */
    @Override
    public void close() {
        if (workers != null) {
            workers.close();
        }
        ops.close();
        mirrors.close();
        staging.close();
        owned.forEach(this::free);
    }

    private record GpuAllocation(Buffer buffer, Runnable release) implements Allocation {
        @Override
        public void close() {
            release.run();
        }
    }
}
