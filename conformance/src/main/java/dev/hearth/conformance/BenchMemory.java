package dev.hearth.conformance;

import dev.hearth.spi.Device;
import dev.hearth.tensor.Buffer;
import dev.hearth.tensor.HostBuffer;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongFunction;

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
    private final Map<Long, Deque<Device.Allocation>> spareForIntegers = new HashMap<>();
    private long spareBytes;

    BenchMemory(Device device) {
        this.device = device;
    }

    Device device() {
        return device;
    }

    /** Memory of the device with any bytes in it. */
    Device.Allocation take(long bytes) {
        return take(spare, bytes, device::allocate);
    }

    /** Memory of the host from which the device's operations take integers. */
    Device.Allocation takeForIntegers(long bytes) {
        return take(spareForIntegers, bytes, device::allocateHost);
    }

    private Device.Allocation take(
            Map<Long, Deque<Device.Allocation>> from, long bytes, LongFunction<Device.Allocation> otherwise) {
        Deque<Device.Allocation> fitting = from.get(bytes);
        if (fitting == null || fitting.isEmpty()) {
            return otherwise.apply(bytes);
        }
        spareBytes -= bytes;
        return fitting.pop();
    }

    /** Fills a buffer. */
    void upload(Buffer to, MemorySegment bytes) {
        if (to instanceof HostBuffer host) {
            host.segment().copyFrom(bytes);
            return;
        }
        MemorySegment staged = takeHost(bytes.byteSize());
        staged.copyFrom(bytes);
        device.copy(to, 0, new HostBuffer(staged), 0, bytes.byteSize());
        giveBackHost(staged);
    }

    /** Fills {@code bytes} from a buffer, once all that is enqueued is done. */
    void download(MemorySegment bytes, Buffer from) {
        if (from instanceof HostBuffer host) {
            bytes.copyFrom(host.segment());
            return;
        }
        MemorySegment staged = takeHost(bytes.byteSize());
        device.copy(new HostBuffer(staged), 0, from, 0, bytes.byteSize());
        bytes.copyFrom(staged);
        giveBackHost(staged);
    }

    /** Takes back what {@link #take} or {@link #takeForIntegers} gave. */
    void giveBack(Device.Allocation allocation) {
        long bytes = allocation.buffer().byteSize();
        var kind = allocation.buffer() instanceof HostBuffer ? spareForIntegers : spare;
        kind.computeIfAbsent(bytes, b -> new ArrayDeque<>()).push(allocation);
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
        for (var kind : List.of(spare, spareForIntegers)) {
            kind.values().forEach(of -> of.forEach(Device.Allocation::close));
            kind.clear();
        }
        spareBytes = 0;
    }

    @Override
    public void close() {
        freeSpare();
        arena.close();
    }
}
