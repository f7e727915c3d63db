package dev.hearth.spi.host;

import dev.hearth.spi.Device;
import dev.hearth.spi.DeviceException;
import dev.hearth.spi.MemoryInfo;
import dev.hearth.spi.Ops;
import dev.hearth.spi.Precision;
import dev.hearth.spi.ScratchMeter;
import dev.hearth.spi.Weight;
import dev.hearth.spi.WeightSource;
import dev.hearth.tensor.Buffer;
import dev.hearth.tensor.HostBuffer;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.function.IntConsumer;

/** The memory of this process as a device: weights stay where they are mapped. */
public final class HostDevice implements Device, AutoCloseable {
    private static final long ALIGNMENT = 64;

    private final String name;
    private final HostOps ops;
    private final HostAllocator allocator;

    /** A device that computes with {@code ops}, which it closes. */
    public HostDevice(String name, HostOps ops) {
        this(name, ops, Arena::allocate);
    }

    /** The same with memory from elsewhere. */
    public HostDevice(String name, HostOps ops, HostAllocator allocator) {
        this.name = name;
        this.ops = ops;
        this.allocator = allocator;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Weight load(WeightSource source) {
        Precision.FAST.activation(source.type()); // refuses what no weight is of
        return new HostWeight(source.name(), source.type(), source.shape(), source.data());
    }

    @Override
    public Allocation allocate(long bytes) {
        Arena arena = Arena.ofShared();
        try {
            return new HostAllocation(arena, new HostBuffer(allocator.allocate(arena, bytes, ALIGNMENT)));
        } catch (OutOfMemoryError e) {
            arena.close();
            throw new DeviceException(name + ": cannot allocate " + bytes + " bytes: " + e.getMessage());
        }
    }

    @Override
    public Optional<Reservation> reserve(long bytes) {
        Arena arena = Arena.ofShared();
        Optional<MemorySegment> space = allocator.reserve(arena, bytes);
        if (space.isEmpty()) {
            arena.close();
        }
        return space.map(segment -> new HostReservation(arena, new HostBuffer(segment), allocator));
    }

    @Override
    public void copy(Buffer to, long toOffset, Buffer from, long fromOffset, long bytes) {
        MemorySegment.copy(((HostBuffer) from).segment(), fromOffset, ((HostBuffer) to).segment(), toOffset, bytes);
    }

    @Override
    public Ops ops() {
        return ops;
    }

    @Override
    public Turn turn() {
        return ops.turn();
    }

    @Override
    public void each(int count, IntConsumer task) {
        ops.each(count, task);
    }

    @Override
    public ScratchMeter scratchMeter(int positions) {
        return ops.scratchMeter(positions);
    }

    @Override
    public MemoryInfo memory() {
        return HostMemory.info();
    }

    @Override
    public void close() {
        ops.close();
    }

    private record HostAllocation(Arena arena, HostBuffer buffer) implements Allocation {
        @Override
        public void close() {
            if (arena.scope().isAlive()) {
                arena.close();
            }
        }
    }

    private record HostReservation(Arena arena, HostBuffer buffer, HostAllocator allocator) implements Reservation {
        @Override
        public void expect(long offset, long bytes) {
            allocator.expect(buffer.segment(), offset, bytes);
        }

        @Override
        public void close() {
            if (arena.scope().isAlive()) {
                arena.close();
            }
        }
    }
}
