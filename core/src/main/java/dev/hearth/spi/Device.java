package dev.hearth.spi;

import dev.hearth.tensor.Buffer;
import dev.hearth.tensor.Tensor;
import java.util.Optional;
import java.util.function.IntConsumer;

/** Something that computes with memory of its own. Thread-safe, but for what {@link Ops} says. */
public interface Device {
    /** Name for logs and errors, as in {@code cpu} or {@code cuda:0}. */
    String name();

    /**
     * Makes a weight usable by this device's operations.
     *
     * @throws DeviceException if memory does not suffice
     */
    Weight load(WeightSource source);

    /** Whether {@link #load} copies a weight into memory of the device; else it stays where its source has it. */
    default boolean copiesWeights() {
        return false;
    }

    /**
     * Memory, zeroed, freed by {@link Allocation#close()}.
     *
     * @throws DeviceException if memory does not suffice
     */
    Allocation allocate(long bytes);

    /**
     * Memory of this process, zeroed, a {@link dev.hearth.tensor.HostBuffer}: operations take integers from it, which must not change
     * between the first operation of a step that reads them and its fence.
     *
     * @throws DeviceException if memory does not suffice
     */
    default Allocation allocateHost(long bytes) {
        return allocate(bytes);
    }

    /**
     * Address space, zeroed, that takes memory as it is written; freed by {@link Allocation#close()}. Empty where the device has none
     * to give but at once.
     */
    default Optional<Reservation> reserve(long bytes) {
        return Optional.empty();
    }

    /**
     * Copies bytes of one buffer over those of another, or of itself elsewhere; in order with the queue. Either may be a
     * {@link dev.hearth.tensor.HostBuffer}: then the copy is done when the call returns.
     */
    void copy(Buffer to, long toOffset, Buffer from, long fromOffset, long bytes);

    /** Copies all rows of one tensor over those of another, of the same type and shape; as {@link #copy(Buffer, long, Buffer, long, long)}. */
    default void copy(Tensor to, Tensor from) {
        boolean dense = from.rowStride() == from.width() && to.rowStride() == to.width();
        long pieces = dense ? Math.min(1, from.rows()) : from.rows();
        long bytes = dense ? from.rows() * from.rowBytes() : from.type().bytes(from.width());
        for (long i = 0; i < pieces; i++) {
            copy(
                    to.buffer(),
                    to.offsetBytes() + i * to.rowBytes(),
                    from.buffer(),
                    from.offsetBytes() + i * from.rowBytes(),
                    bytes);
        }
    }

    /** The queue of this device: one, in order. */
    Ops ops();

    /**
     * What its operations will take, beside the tensors given to them, for sequences of up to so many positions. Its operations throw
     * {@link UnsupportedOnDeviceException} for what this device hasn't.
     */
    ScratchMeter scratchMeter(int positions);

    /** Whether it has every operation for every type; what it lacks it says in {@link #scratchMeter}, before anything is computed. */
    default boolean supportsAll() {
        return true;
    }

    /** Makes the calling thread one that computes here until the turn is closed, by the same thread. */
    default Turn turn() {
        return () -> {};
    }

    /**
     * Does tasks 0 to {@code count - 1}, in any order, by the threads of this process that compute here, and returns when all are done.
     * Within a turn, with nothing left in the queue; tasks may not throw.
     */
    default void each(int count, IntConsumer task) {
        for (int i = 0; i < count; i++) {
            task.accept(i);
        }
    }

    /** The time in which a thread runs operations, a step for one. */
    interface Turn extends AutoCloseable {
        @Override
        void close();
    }

    /** What it has and what is free. */
    MemoryInfo memory();

    /** A buffer with its owner. */
    interface Allocation extends AutoCloseable {
        /** The memory. */
        Buffer buffer();

        /** Frees the memory; no operation may be using it. Closing twice is harmless. */
        @Override
        void close();
    }

    /** Address space with its owner. */
    interface Reservation extends Allocation {
        /** These bytes are going to be written soon; others may be as well. */
        void expect(long offset, long bytes);
    }
}
