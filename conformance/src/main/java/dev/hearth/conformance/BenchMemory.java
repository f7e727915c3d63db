package dev.hearth.conformance;

import dev.hearth.spi.Device;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/**
 * Memory that the benches of a device use one after the other, in pieces of the sizes they ask for: to free what several threads may
 * use makes all of them stop, which took most of the kit's time. Used by one thread.
 */
final class BenchMemory implements AutoCloseable {
    private static final long MOST_SPARE_BYTES = 256 << 20;

    private final Device device;
    private final Arena arena = Arena.ofShared();
    private final Map<Long, Deque<MemorySegment>> spareHost = new HashMap<>();
    private final Map<Long, Deque<Device.Allocation>> spare = new HashMap<>();
    private long spareBytes;

    BenchMemory(Device device) {
        this.device = device;
    }

    Device device() {
        return device;
    }

    /** Memory of the device with any bytes in it. */
    Device.Allocation take(long bytes) {
        Deque<Device.Allocation> fitting = spare.get(bytes);
        if (fitting == null || fitting.isEmpty()) {
            return device.allocate(bytes);
        }
        spareBytes -= bytes;
        return fitting.pop();
    }

    /** Takes back what {@link #take} gave. */
    void giveBack(Device.Allocation allocation) {
        long bytes = allocation.buffer().byteSize();
        spare.computeIfAbsent(bytes, b -> new ArrayDeque<>()).push(allocation);
        spareBytes += bytes;
        if (spareBytes > MOST_SPARE_BYTES) {
            freeSpare();
        }
    }

    /** Host memory with any bytes in it, for a weight. */
    MemorySegment takeHost(long bytes) {
        Deque<MemorySegment> fitting = spareHost.get(bytes);
        return fitting == null || fitting.isEmpty() ? arena.allocate(bytes, 64) : fitting.pop();
    }

    /** Takes back what {@link #takeHost} gave. */
    void giveBackHost(MemorySegment segment) {
        spareHost.computeIfAbsent(segment.byteSize(), b -> new ArrayDeque<>()).push(segment);
    }

    private void freeSpare() {
        spare.values().forEach(of -> of.forEach(Device.Allocation::close));
        spare.clear();
        spareBytes = 0;
    }

    @Override
    public void close() {
        freeSpare();
        arena.close();
    }
}
